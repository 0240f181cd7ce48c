"""What gateways say, made safe to keep: numbers, references and texts of unknown origin."""

from __future__ import annotations

import re
from uuid import UUID

from notifications.channels.texts import storable
from notifications.enums import Channel
from notifications.ports import Inbound
from notifications.providers import Provider

_LONGEST_REFERENCE = 100
# Some gateways leave the plus out.
_NUMBER = re.compile(r"\+?([1-9][0-9]{6,14})")
_FILLING = re.compile(r"[ ().-]")


def delivery_id(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def reference(value: object) -> str:
    """The provider's own reference; empty for what could be none."""
    if isinstance(value, int):
        value = str(value)
    if not isinstance(value, str) or len(value) > _LONGEST_REFERENCE or not value.isprintable():
        return ""
    return storable(value)


def number(value: object) -> str:
    """In E.164; empty for a short code, a name, or what is no number."""
    found = _NUMBER.fullmatch(_FILLING.sub("", value)) if isinstance(value, str) else None
    return f"+{found[1]}" if found else ""


def reply(provider: Provider, sender: object, text: object, message_id: object) -> Inbound | None:
    """None where nobody can be told from the sender, or there is no text at all."""
    known = number(sender)
    if not known or not isinstance(text, str):
        return None
    return Inbound(
        channel=Channel.SMS,
        sender=known,
        text=storable(text),
        provider=provider.key,
        provider_reference=reference(message_id),
    )
