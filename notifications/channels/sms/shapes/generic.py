"""A plain HTTP gateway, as docs/channels/sms.md describes it.

POST {to, text, sender, reference} as JSON, with the delivery's id as Idempotency-Key; GET
{url}/{reference} tells whether the gateway has it. It calls back with JSON that it has signed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from notifications.channels.calls import (
    Call,
    Forged,
    Receipt,
    ReceiptKind,
    Taken,
    Unreadable,
    signed_with,
)
from notifications.channels.http import json_object, refusal_by_somebody, refusal_of
from notifications.channels.ports import Outcome, Verdict
from notifications.channels.sms import reading
from notifications.providers import Provider

CAN_LOOK_UP = True
# How far the time that a gateway signed may be from ours: a call that was overheard is worth
# nothing after it.
SIGNATURE_LIVES = timedelta(minutes=5)
_KINDS = {
    "accepted": ReceiptKind.ACCEPTED,
    "delivered": ReceiptKind.DELIVERED,
    "failed": ReceiptKind.FAILED,
    "no_such_number": ReceiptKind.BOUNCED,
}
_SIGNATURE = "sha256="


def headers(provider: Provider) -> Mapping[str, str]:
    return {
        "Authorization": f"Bearer {provider.option('token')}",
        "Content-Type": "application/json",
    }


def send_url(provider: Provider) -> str:
    return provider.option("url").rstrip("/")


def look_up_url(provider: Provider, reference: UUID) -> str:
    return f"{send_url(provider)}/{reference}"


def payload(provider: Provider, delivery_id: UUID, to: str, text: str) -> bytes:
    fields = {
        "to": to,
        "text": text,
        "sender": provider.option("sender", settings.SMS_SENDER),
        "reference": str(delivery_id),
    }
    return json.dumps(fields, ensure_ascii=False).encode()


def outcome_of(status: int, body: bytes, wait: str | None = None) -> Outcome:
    answer = json_object(body)
    if 200 <= status < 300:
        if answer is None:
            # A proxy's page, or nothing: the gateway may have taken it or never have seen it.
            return Outcome(Verdict.UNCERTAIN, "gateway_garbled")
        return Outcome(Verdict.ACCEPTED, reference=reading.reference(answer.get("id", "")))
    refusal = refusal_by_somebody if answer is None else refusal_of
    return refusal("gateway", status, wait)


def problems(provider: Provider) -> list[str]:
    name = f"SMS_{provider.name.upper()}"
    found = []
    if not send_url(provider).startswith(("http://", "https://")):
        found.append(f"{name}_URL is not set to an http(s) address.")
    elif not provider.option("token"):
        found.append(f"{name}_TOKEN is not set.")
    if found or provider.option("webhook_secret"):
        return found
    return [f"{name}_WEBHOOK_SECRET is not set: no receipt and no answer is taken."]


def read_call(provider: Provider, call: Call) -> Taken:
    """{"receipts": [{id, reference, status, at}], "messages": [{id, from, text}]}, both optional.
    An entry that names nothing of ours, or says nothing we know, is passed over."""
    _check_signature(provider, call)
    try:
        told = json.loads(call.body)
    except (ValueError, RecursionError):
        raise Unreadable from None
    if not isinstance(told, dict):
        raise Unreadable
    receipts = map(_receipt, _entries(told, "receipts"))
    replies = (
        reading.reply(provider, one.get("from"), one.get("text"), one.get("id"))
        for one in _entries(told, "messages")
    )
    return Taken(
        receipts=[one for one in receipts if one],
        replies=[one for one in replies if one],
        answer=b"{}",
    )


def _check_signature(provider: Provider, call: Call) -> None:
    secret = provider.option("webhook_secret")
    stamp = call.headers.get("X-Timestamp", "")
    signature = call.headers.get("X-Signature", "")
    if not signature.startswith(_SIGNATURE) or not stamp.isascii():
        raise Forged
    digest = signature.removeprefix(_SIGNATURE)
    if not signed_with(secret, digest, stamp.encode(), b".", call.body):
        raise Forged
    try:
        age = call.received_at.timestamp() - float(stamp)
    except ValueError:
        raise Forged from None
    if not abs(age) <= SIGNATURE_LIVES.total_seconds():
        raise Forged


def _entries(told: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    found = told.get(name, [])
    if not isinstance(found, list):
        raise Unreadable
    return (one for one in found if isinstance(one, dict))


def _receipt(entry: dict[str, Any]) -> Receipt | None:
    status = entry.get("status")
    kind = _KINDS.get(status) if isinstance(status, str) else None
    delivery_id = reading.delivery_id(entry.get("reference"))
    theirs = reading.reference(entry.get("id", ""))
    if kind is None or not (delivery_id or theirs):
        return None
    failed = kind in (ReceiptKind.FAILED, ReceiptKind.BOUNCED)
    code = f"gateway_{status}" if failed else ""
    return Receipt(kind, delivery_id, theirs, code, at=_moment(entry.get("at")))


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else None
