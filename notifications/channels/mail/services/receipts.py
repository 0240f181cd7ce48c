"""What a service's event says of one mail, in our words.

anymail calls many things bounced. An address is said not to exist only where the service says so
for good: a full mailbox or a suspected spammer must not cost a person their warnings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.utils.timezone import is_aware

from notifications.channels.calls import Receipt, ReceiptKind
from notifications.channels.mail.services.session import DELIVERY_ID

_KINDS = {
    EventType.QUEUED: ReceiptKind.ACCEPTED,
    EventType.SENT: ReceiptKind.ACCEPTED,
    EventType.DELIVERED: ReceiptKind.DELIVERED,
    EventType.REJECTED: ReceiptKind.FAILED,
    EventType.FAILED: ReceiptKind.FAILED,
    EventType.BOUNCED: ReceiptKind.FAILED,
    EventType.COMPLAINED: ReceiptKind.COMPLAINED,
}

Raw = Mapping[str, Any]


def _inside(raw: Raw, *names: str) -> object:
    found: object = raw
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


# How each service says, in a bounce, that it is for good. One that does not tell is not here.
_FOR_GOOD: dict[str, Callable[[Raw], bool]] = {
    "amazon_ses": lambda raw: _inside(raw, "bounce", "bounceType") == "Permanent",
    "brevo": lambda raw: raw.get("event") in {"hard_bounce", "invalid_email"},
    "mailersend": lambda raw: _inside(raw, "data", "type") == "hard_bounced",
    "mailgun": lambda raw: (
        _inside(raw, "event-data", "severity") == "permanent"
        and _inside(raw, "event-data", "reason") in {"bounce", "suppress-bounce"}
    ),
    "mailjet": lambda raw: raw.get("hard_bounce") is True,
    "mailtrap": lambda raw: raw.get("event") == "bounce",
    "mandrill": lambda raw: raw.get("event") == "hard_bounce",
    "postmark": lambda raw: raw.get("Type") == "HardBounce",
    "resend": lambda raw: _inside(raw, "data", "bounce", "type") == "Permanent",
    "sendgrid": lambda raw: raw.get("event") == "bounce" and raw.get("type") == "bounce",
    "sparkpost": lambda raw: (
        str(_inside(raw, "msys", "message_event", "bounce_class")) in {"10", "30"}
    ),
    "unisender_go": lambda raw: (
        _inside(raw, "delivery_info", "delivery_status")
        in {"err_user_unknown", "err_user_inactive", "err_domain_inactive"}
    ),
}


def receipt_of(backend: str, event: AnymailTrackingEvent) -> Receipt | None:
    """None for what says nothing of its fate: opened, deferred, answered by a machine."""
    kind = _KINDS.get(event.event_type)
    if kind is None:
        return None
    if _exists_not(backend, event):
        kind = ReceiptKind.BOUNCED
    at = event.timestamp
    return Receipt(
        kind=kind,
        delivery_id=_delivery_id(event.metadata),
        provider_reference=str(event.message_id or "")[:100],
        code=f"mail_{kind}" if kind in {ReceiptKind.FAILED, ReceiptKind.BOUNCED} else "",
        at=at if at is not None and is_aware(at) else None,
    )


def _exists_not(backend: str, event: AnymailTrackingEvent) -> bool:
    if event.event_type == EventType.REJECTED:
        return bool(event.reject_reason == RejectReason.INVALID)
    is_for_good = _FOR_GOOD.get(backend)
    raw = event.esp_event
    return bool(
        event.event_type == EventType.BOUNCED
        and is_for_good is not None
        and isinstance(raw, Mapping)
        and is_for_good(raw)
    )


def _delivery_id(metadata: object) -> UUID | None:
    if not isinstance(metadata, Mapping):
        return None
    try:
        return UUID(str(metadata.get(DELIVERY_ID)))
    except ValueError:
        return None
