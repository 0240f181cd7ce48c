"""What Meta tells us: what became of our messages, and what people write to our number."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from notifications.channels.calls import (
    Call,
    Forged,
    Receipt,
    ReceiptKind,
    Taken,
    Unreadable,
    signed_with,
)
from notifications.channels.http import json_object
from notifications.channels.ports import BadAddress
from notifications.channels.references import delivery_behind, kept_reference
from notifications.channels.texts import storable
from notifications.channels.whatsapp import errors
from notifications.channels.whatsapp.composing import valid_address
from notifications.enums import Channel
from notifications.ports import Inbound
from notifications.providers import Provider

_SIGNATURE = "sha256="
_KINDS = {
    "sent": ReceiptKind.ACCEPTED,
    "delivered": ReceiptKind.DELIVERED,
    "read": ReceiptKind.READ,
    "failed": ReceiptKind.FAILED,
}
LONGEST_CHALLENGE = 200
# These are no answer: a heart below our notice, a new number, a conversation that was opened.
_NO_ANSWER = frozenset({"reaction", "system", "request_welcome"})


def answer_challenge(provider: Provider, call: Call) -> bytes:
    """Meta asks once whether the address is ours, with the word that the operator gave it."""
    ours = provider.option("verify_token")
    given = call.query.get("hub.verify_token", "")
    if not ours or not hmac.compare_digest(given.encode(), ours.encode()):
        raise Forged
    challenge = call.query.get("hub.challenge", "")
    if call.query.get("hub.mode") != "subscribe" or not _is_plain(challenge):
        raise Unreadable
    return challenge.encode()


def _is_plain(challenge: str) -> bool:
    return challenge.isascii() and challenge.isalnum() and len(challenge) <= LONGEST_CHALLENGE


def read_call(provider: Provider, call: Call) -> Taken:
    """Raises Forged or Unreadable. What is about another number of the same app, or says nothing
    that we know, is passed over."""
    signature = call.headers.get("X-Hub-Signature-256", "")
    given = signature.removeprefix(_SIGNATURE)
    if given == signature or not signed_with(provider.option("app_secret"), given, call.body):
        raise Forged
    told = json_object(call.body)
    if told is None or told.get("object") != "whatsapp_business_account":
        raise Unreadable
    values = list(_values(told, provider.option("phone_number_id")))
    receipts = (_receipt(one) for value in values for one in _objects(value.get("statuses")))
    replies = (_reply(provider, one) for value in values for one in _objects(value.get("messages")))
    return Taken(receipts=[one for one in receipts if one], replies=[one for one in replies if one])


def _values(told: dict[str, Any], number: str) -> Iterator[dict[str, Any]]:
    """What was told about our number."""
    for entry in _objects(told.get("entry")):
        for change in _objects(entry.get("changes")):
            value = _object(change.get("value"))
            if _object(value.get("metadata")).get("phone_number_id") == number:
                yield value


def _receipt(status: dict[str, Any]) -> Receipt | None:
    kind = _KINDS.get(_string(status.get("status")))
    theirs, ours = _string(status.get("id")), _uuid(status.get("biz_opaque_callback_data"))
    if kind is None or not (theirs or ours):
        return None
    code = ""
    if kind is ReceiptKind.FAILED:
        number = next(map(errors.code_of, _objects(status.get("errors"))), None)
        code = errors.short_code(number)
        if number == errors.NOT_REACHABLE:
            kind = ReceiptKind.BOUNCED
    return Receipt(kind, ours, _reference(theirs), code, _moment(status.get("timestamp")))


def _reply(provider: Provider, message: dict[str, Any]) -> Inbound | None:
    text = _text(message)
    try:
        sender = valid_address(f"+{_string(message.get('from'))}")
    except BadAddress:
        return None
    if not text:
        return None
    answered = _string(_object(message.get("context")).get("id"))
    return Inbound(
        channel=Channel.WHATSAPP,
        sender=sender,
        text=storable(text),
        provider=provider.key,
        provider_reference=_reference(_string(message.get("id"))),
        in_reply_to=delivery_behind(provider, _reference(answered)),
    )


def _text(message: dict[str, Any]) -> str:
    """What was written. Of a picture, a voice or a place it is said that there was one, so that
    an officer asks: nothing that somebody sends in a crisis is dropped unseen."""
    kind = _string(message.get("type"))
    content = _object(message.get(kind))
    if kind == "text":
        return _string(content.get("body"))
    if kind == "button":
        return _string(content.get("text"))
    if kind == "interactive":
        chosen = _object(content.get(_string(content.get("type"))))
        return _string(chosen.get("title"))
    if kind == "location":
        return f"[location] {content.get('latitude')}, {content.get('longitude')}"
    if kind in _NO_ANSWER or not kind.isalpha():
        return ""
    return f"[{kind}] {_string(content.get('caption'))}".strip()


def _reference(theirs: str) -> str:
    """Kept as a digest, since theirs holds the telephone number."""
    return kept_reference(Channel.WHATSAPP, theirs) if theirs else ""


def _moment(value: object) -> datetime | None:
    text = _string(value)
    return datetime.fromtimestamp(int(text), UTC) if text.isdecimal() and len(text) < 12 else None


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(_string(value))
    except ValueError:
        return None


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
