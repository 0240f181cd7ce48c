"""Meta's Cloud API as far as the portal speaks it, with its own refusals.

POST /{version}/{phone_number_id}/messages. Its message ids hold the number in base64, as Meta's
do. Receipts are signed with the app's secret and sent to the address set by POST
/control/whatsapp {"url"}; POST /control/whatsapp/inbound {"from", "text", "to_message"} is
somebody writing to our number.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
import uuid
from typing import Any

from aiohttp import web

from micic_portal.demo.sinks.answers import json_answer
from micic_portal.demo.sinks.receipts import Caller, Tell, is_here
from micic_portal.demo.sinks.store import Store

NUMBER_ID = "106540352242922"
TOKEN = "an-access-token"  # noqa: S105  # nosec  # of a sink that serves this machine alone
APP_SECRET = "an-app-secret"  # noqa: S105  # nosec
TEMPLATE = "notice"
LANGUAGES = frozenset({"es", "en_US", "fr", "ar"})  # in which the template is approved
PARAMETERS = 3
LONGEST_BODY = 1024
_NUMBER = re.compile(r"\+?[1-9][0-9]{6,14}")
_BAD_PARAMETER = re.compile(r"[\n\t]| {5,}")
# To these numbers, the answer is an error: its status and code.
REFUSED_TO = {
    "+15005550001": (400, 131026),  # not on WhatsApp
    "+15005550002": (429, 130429),  # too much
    "+15005550003": (500, 131000),  # something went wrong
    "+15005550004": (400, 131056),  # too much to this one
    "+15005550005": (400, 132015),  # the template was paused
    "+15005550006": (400, 131030),  # not on a test number's list
}


def signature_of(body: bytes) -> str:
    """X-Hub-Signature-256."""
    return f"sha256={hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()}"


def call_about(**value: object) -> bytes:
    """The body of a call: `statuses` or `messages` about our number."""
    told = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": NUMBER_ID},
        **value,
    }
    entry = {"id": "102290129340398", "changes": [{"value": told, "field": "messages"}]}
    data = {"object": "whatsapp_business_account", "entry": [entry]}
    return json.dumps(data).encode()


def message_id(number: str) -> str:
    raw = b"\x1d\x05\x0b" + number.lstrip("+").encode() + b"\x15\x02\x00" + uuid.uuid4().bytes
    return f"wamid.{base64.b64encode(raw).decode()}"


class WhatsApp:
    """It knows no idempotency key: the same message again is another message."""

    def __init__(self, store: Store, caller: Caller) -> None:
        self._store = store
        self._caller = caller
        self._url = ""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(r"/{version:v\d+\.\d+}/{number}/messages", self.take),
            web.post("/control/whatsapp", self.set_url),
            web.post("/control/whatsapp/inbound", self.inbound),
        ]

    def forget(self) -> None:
        self._url = ""

    async def take(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _error(401, 190)
        if request.match_info["number"] != NUMBER_ID:
            return _error(400, 100)
        try:
            wanted = await request.json()
        except ValueError:
            return _error(400, 100)
        fault = _fault_of(wanted)
        if fault:
            return _error(*fault)
        to, found = str(wanted["to"]), message_id(str(wanted["to"]))
        ours = str(wanted.get("biz_opaque_callback_data", ""))
        text = "\n".join(_texts(wanted["template"]))
        self._store.add_text("whatsapp", to, NUMBER_ID, text, ours)
        if self._url:
            tell = self._receipt_of(found, ours, to)
            await self._caller.receipt(tell, tell)
        contact = {"input": to, "wa_id": to.lstrip("+")}
        answer = {"messaging_product": "whatsapp", "contacts": [contact]}
        return json_answer(answer | {"messages": [{"id": found, "message_status": "accepted"}]})

    def _receipt_of(self, theirs: str, ours: str, to: str) -> Tell:
        async def tell(status: str) -> None:
            told = {
                "id": theirs,
                "status": {"accepted": "sent"}.get(status, status),
                "timestamp": str(int(time.time())),
                "recipient_id": to.lstrip("+"),
                "biz_opaque_callback_data": ours,
            }
            if status == "failed":
                told["errors"] = [{"code": 131026, "title": "Message undeliverable"}]  # type: ignore[assignment]
            self._caller.count(await self._call(call_about(statuses=[told])))

        return tell

    async def set_url(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        if not is_here(str(wanted.get("url", ""))):
            return json_answer({"error": "only this machine is called"}, 400)
        self._url = str(wanted["url"])
        return json_answer({})

    async def inbound(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        sender = str(wanted["from"]).lstrip("+")
        message: dict[str, Any] = {
            "from": sender,
            "id": message_id(sender),
            "timestamp": str(int(time.time())),
            "type": "text",
            "text": {"body": str(wanted["text"])},
        }
        if wanted.get("to_message"):
            message["context"] = {"from": "15550783881", "id": wanted["to_message"]}
        return json_answer({"status": await self._call(call_about(messages=[message]))})

    async def _call(self, body: bytes) -> int:
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature_of(body)}
        return await self._caller.post(self._url, body, headers)


def _fault_of(wanted: Any) -> tuple[int, int] | None:
    """The status and code with which Meta refuses this; None for what it takes."""
    if not isinstance(wanted, dict) or wanted.get("messaging_product") != "whatsapp":
        return 400, 100
    to = str(wanted.get("to", ""))
    if not _NUMBER.fullmatch(to):
        return 400, 131009
    if len(str(wanted.get("biz_opaque_callback_data", ""))) > 512:
        return 400, 100
    if wanted.get("type") != "template":
        return 400, 131047  # nobody here has written to us within a day
    return _fault_of_template(wanted.get("template")) or REFUSED_TO.get(to)


def _fault_of_template(template: Any) -> tuple[int, int] | None:
    try:
        language, texts = template["language"]["code"], _texts(template)
        name = template["name"]
    except (KeyError, IndexError, TypeError):
        return 400, 131008
    if name != TEMPLATE or language not in LANGUAGES:
        return 404, 132001
    if len(texts) != PARAMETERS or not all(texts):
        return 400, 132000
    if any(map(_BAD_PARAMETER.search, texts)):
        return 400, 132018
    return (400, 132005) if sum(map(len, texts)) > LONGEST_BODY else None


def _texts(template: Any) -> list[str]:
    (body,) = [part for part in template["components"] if part["type"] == "body"]
    return [str(one["text"]) for one in body["parameters"] if one["type"] == "text"]


def _error(status: int, code: int) -> web.Response:
    told = {"message": f"(#{code}) no", "type": "OAuthException", "code": code, "fbtrace_id": "A"}
    return json_answer({"error": told}, status)
