"""Twilio's Messages API, version 2010-04-01, and whoever speaks it too.

It knows no idempotency key and no look-up by our reference (its list is by number and day, and a
number is what a doubt no longer has), so the engine cannot ask. Its receipts answer instead: the
address to which it sends them holds our delivery's id.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode
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
from notifications.channels.http import json_object, refusal_by_somebody, retry_after
from notifications.channels.ports import Fault, Outcome, Verdict
from notifications.channels.sms import reading
from notifications.providers import Provider

CAN_LOOK_UP = False
_TWILIO = "https://api.twilio.com"
_MOST_FIELDS = 200
# By Twilio's error dictionary. What is in neither list refuses us, or is unknown: nobody is given
# up for it, and another provider may take the message.
_LASTING = frozenset({21211, 21214, 21217, 21265, 21602, 21604, 21610, 21614, 21617})
_LATER = frozenset({14107, 20429, 21611, 21730, 30001})
# This number's country is not allowed to the account, or has no way from its sender: no sign that
# Twilio fails the others.
_NOT_THERE = frozenset({21408, 21608, 21612})
_KINDS = {
    "accepted": ReceiptKind.ACCEPTED,
    "scheduled": ReceiptKind.ACCEPTED,
    "queued": ReceiptKind.ACCEPTED,
    "sending": ReceiptKind.ACCEPTED,
    "sent": ReceiptKind.ACCEPTED,
    "delivered": ReceiptKind.DELIVERED,
    "read": ReceiptKind.READ,
    "undelivered": ReceiptKind.FAILED,
    "failed": ReceiptKind.FAILED,
    "canceled": ReceiptKind.FAILED,
}
_NO_SUCH_NUMBER = "30005"
# Sending is not idempotent there: after one of these the person may have the message (20500).
_MAY_HAVE_SENT = frozenset({500, 502, 504})


def headers(provider: Provider) -> Mapping[str, str]:
    login = f"{provider.option('account')}:{provider.option('token')}"
    return {
        "Authorization": f"Basic {base64.b64encode(login.encode()).decode()}",
        "Content-Type": "application/x-www-form-urlencoded",
    }


def send_url(provider: Provider) -> str:
    account = provider.option("account")
    base = provider.option("url", _TWILIO).rstrip("/")
    return f"{base}/2010-04-01/Accounts/{account}/Messages.json" if account else ""


def look_up_url(provider: Provider, reference: UUID) -> str:
    return ""


def payload(provider: Provider, delivery_id: UUID, to: str, text: str) -> bytes:
    service = provider.option("service")
    sender = (
        {"MessagingServiceSid": service}
        if service
        else {"From": provider.option("sender", settings.SMS_SENDER)}
    )
    call_back = f"{webhook_url(provider)}?delivery={delivery_id}"
    return urlencode({"To": to, **sender, "Body": text, "StatusCallback": call_back}).encode()


def webhook_url(provider: Provider) -> str:
    return f"{settings.PORTAL_URL}/channels/sms/{provider.name}/"


def outcome_of(status: int, body: bytes, wait: str | None = None) -> Outcome:
    answer = json_object(body)
    if 200 <= status < 300:
        sid = reading.reference(answer.get("sid", "")) if answer else ""
        if not sid:
            return Outcome(Verdict.UNCERTAIN, "twilio_garbled")
        return Outcome(Verdict.ACCEPTED, reference=sid)
    if status in _MAY_HAVE_SENT:
        return Outcome(Verdict.UNCERTAIN, f"twilio_{status}")
    code = answer.get("code") if answer else None
    if status == 429 or code in _LATER:
        return Outcome(Verdict.RETRY, f"twilio_{code or status}", retry_after=retry_after(wait))
    if code in _LASTING:
        return Outcome(Verdict.FAILED, f"twilio_{code}")
    if isinstance(code, int):
        fault = Fault.RECIPIENT if code in _NOT_THERE else Fault.PROVIDER
        return Outcome(Verdict.RETRY, f"twilio_refused_us_{code}"[:40], fault=fault)
    return refusal_by_somebody("twilio", status, wait)


def problems(provider: Provider) -> list[str]:
    name = f"SMS_{provider.name.upper()}"
    found = []
    account, url = provider.option("account"), provider.option("url", _TWILIO)
    if not (account.startswith("AC") and len(account) == 34):
        found.append(f"{name}_ACCOUNT is not set to an account SID (AC and 32 characters).")
    if not provider.option("token"):
        found.append(f"{name}_TOKEN is not set: it sends, and proves receipts.")
    if not url.startswith(("http://", "https://")):
        found.append(f"{name}_URL is not an http(s) address.")
    if url == _TWILIO and not settings.PORTAL_URL.startswith("https://"):
        found.append("PORTAL_URL is not an https address: Twilio refuses each message (21609).")
    return found


def read_call(provider: Provider, call: Call) -> Taken:
    """A receipt (MessageStatus) or somebody's answer (From, Body), as a signed form."""
    fields = _signed_fields(provider, call)
    if "MessageStatus" in fields:
        receipt = _receipt(fields, call)
        return Taken(receipts=[receipt] if receipt else [])
    sender, text, sid = (fields.get(name) for name in ("From", "Body", "MessageSid"))
    reply = reading.reply(provider, sender, text, sid)
    # Else Twilio would send the body of our answer back to the person, or log it as an error.
    return Taken(replies=[reply] if reply else [], answer=b"<Response/>", content_type="text/xml")


def _signed_fields(provider: Provider, call: Call) -> dict[str, str]:
    """The form, once its signature is right: HMAC-SHA1 with the token over the address and each
    field's name and value, sorted by name."""
    token, given = provider.option("token"), call.headers.get("X-Twilio-Signature", "")
    try:
        digest = base64.b64decode(given, validate=True).hex()
    except (binascii.Error, ValueError):
        raise Forged from None
    try:
        body = call.body.decode()
        form = parse_qs(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Unreadable from None
    signed = "".join(name + value for name in sorted(form) for value in sorted(set(form[name])))
    if not signed_with(token, digest, call.url.encode(), signed.encode(), digest="sha1"):
        raise Forged
    return {name: values[-1] for name, values in form.items()}


def _receipt(fields: Mapping[str, str], call: Call) -> Receipt | None:
    kind = _KINDS.get(fields["MessageStatus"])
    delivery_id = reading.delivery_id(call.query.get("delivery"))
    sid = reading.reference(fields.get("MessageSid", ""))
    if kind is None or not (delivery_id or sid):
        return None
    code = ""
    if kind is ReceiptKind.FAILED:
        error = fields.get("ErrorCode", "")
        # Five digits, which no number has; whatever else is not kept.
        code = f"twilio_{error}" if error.isdecimal() and len(error) == 5 else "twilio_failed"
        kind = ReceiptKind.BOUNCED if error == _NO_SUCH_NUMBER else kind
    return Receipt(kind, delivery_id, sid, code)
