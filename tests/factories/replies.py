"""Texts that people send back to the portal."""

from __future__ import annotations

from itertools import count
from typing import Any

from crises.actions import take_reply
from crises.models import Crisis, IncomingReply, Notice
from notifications.links import reply_code
from notifications.models import Delivery
from notifications.ports import Inbound
from registrations.models import Person

_names = count()


def inbound(sender: str, text: str, **fields: Any) -> Inbound:
    given: dict[str, Any] = {
        "channel": "sms",
        "provider": "sms.gateway",
        "provider_reference": f"in-{next(_names)}",
    }
    return Inbound(sender=sender, text=text, **(given | fields))


def text_message(sender: str, text: str, **fields: Any) -> IncomingReply | None:
    return take_reply(inbound(sender, text, **fields))


def sent(notice: Notice) -> None:
    """As if every delivery of it had been handed to its provider."""
    Delivery.objects.filter(message=notice.message_id).update(
        state="accepted", attempt=1, due_at=None, provider="sms.gateway"
    )


def code_of(notice: Notice, person: Person, channel: str = "sms") -> str:
    row = Delivery.objects.get(message=notice.message_id, subject_id=person.pk, channel=channel)
    return reply_code(row.pk)


def make_reply(crisis: Crisis | None = None, text: str = "Where do I go?") -> IncomingReply:
    """One that waits to be read, from nobody we know."""
    return IncomingReply.objects.create(
        crisis=crisis,
        channel="sms",
        provider="sms.gateway",
        provider_reference=f"in-{next(_names)}",
        sender="+9779841299999",
        text=text,
        reason="unknown_sender",
    )
