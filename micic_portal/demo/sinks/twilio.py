"""Twilio's Messages API (2010-04-01) as far as the portal speaks it, with its own refusals.

The magic numbers are those of Twilio's test credentials; the codes stand in its error dictionary.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import web

from micic_portal.demo.sinks.answers import Faulty, json_answer
from micic_portal.demo.sinks.receipts import Caller, Tell, is_here
from micic_portal.demo.sinks.store import Store

ACCOUNT = "AC" + "5" * 32
TOKEN = "an-auth-token"  # noqa: S105  # nosec  # of a sink that serves this machine alone
SENDER = "+15005550006"
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_LETTERS = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
_LONGEST_BODY = 1600
_REFUSED_TO = {
    "+15005550001": 21211,  # not a number
    "+15005550002": 21612,  # cannot be reached from this sender
    "+15005550003": 21408,  # the account may not send to that country
    "+15005550004": 21610,  # has unsubscribed
    "+15005550009": 21614,  # not a mobile number
}
_REFUSED_FROM = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}


def signature_of(url: str, fields: Mapping[str, str]) -> str:
    """X-Twilio-Signature: HMAC-SHA1 over the address and each field's name and value, sorted."""
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(TOKEN.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


class Twilio:
    """POST /2010-04-01/Accounts/{account}/Messages.json. It knows no idempotency key."""

    def __init__(self, store: Store, faulty: Faulty, caller: Caller) -> None:
        self._store = store
        self._faulty = faulty
        self._caller = caller
        self.inbound_url = ""

    async def take(self, request: web.Request) -> web.Response:
        if not _is_ours(request):
            return _refusal(401, 20003)
        return await self._faulty.play(lambda keep: self._take(request, keep))

    async def _take(self, request: web.Request, keep: bool) -> web.Response:
        fields = {name: str(value) for name, value in (await request.post()).items()}
        if code := _fault_of(fields):
            return _refusal(400, code)
        call_back = fields.get("StatusCallback", "")
        reference = "".join(parse_qs(urlsplit(call_back).query).get("delivery", []))
        sender = fields.get("From") or fields["MessagingServiceSid"]
        number = self._store.add_sms(fields["To"], sender, fields["Body"], reference) if keep else 0
        sid = f"SM{number:032x}"
        if keep and call_back:
            tell = self._receipt_of(call_back, sid, fields["To"])
            await self._caller.receipt(tell, tell)
        return json_answer({"sid": sid, "status": "queued", "error_code": None}, 201)

    def _receipt_of(self, url: str, sid: str, to: str) -> Tell:
        async def tell(status: str) -> None:
            told = {"accepted": "sent", "failed": "undelivered"}.get(status, status)
            fields = {"MessageSid": sid, "MessageStatus": told, "To": to, "AccountSid": ACCOUNT}
            if told == "undelivered":
                fields["ErrorCode"] = "30003"
            self._caller.count(await self.call(url, fields))

        return tell

    async def inbound(self, message_id: str, sender: str, to: str, text: str) -> int:
        fields = {
            "MessageSid": message_id,
            "AccountSid": ACCOUNT,
            "From": sender,
            "To": to,
            "Body": text,
        }
        return await self.call(self.inbound_url, fields)

    async def call(self, url: str, fields: Mapping[str, str]) -> int:
        """One signed call. Twilio tries once."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": signature_of(url, fields),
        }
        return await self._caller.post(url, urlencode(fields).encode(), headers)


def _is_ours(request: web.Request) -> bool:
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    try:
        given = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    is_known = hmac.compare_digest(given.encode(), f"{ACCOUNT}:{TOKEN}".encode())
    return kind == "Basic" and is_known and request.match_info["account"] == ACCOUNT


def _fault_of(fields: Mapping[str, str]) -> int | None:
    to, sender = fields.get("To", ""), fields.get("From", "")
    if not to:
        return 21604
    if not sender and not fields.get("MessagingServiceSid"):
        return 21603
    if not fields.get("Body"):
        return 21602
    if len(fields["Body"]) > _LONGEST_BODY:
        return 21617
    if not _E164.fullmatch(to):
        return 21211
    if sender and not _E164.fullmatch(sender) and not _LETTERS.fullmatch(sender):
        return 21212
    if fields.get("StatusCallback") and not is_here(fields["StatusCallback"]):
        return 21609
    return _REFUSED_TO.get(to) or _REFUSED_FROM.get(sender)


def _refusal(status: int, code: int) -> web.Response:
    more_info = f"https://www.twilio.com/docs/errors/{code}"
    return json_answer(
        {"code": code, "message": "no", "more_info": more_info, "status": status}, status
    )
