"""Telegram's Bot API as far as the portal speaks it, with its own refusals.

POST /bot{token}/sendMessage. POST /control/telegram {"url", "secret"} is its setWebhook; POST
/control/telegram/inbound {"from", "text", "to_message"} is somebody writing to the bot.
"""

from __future__ import annotations

import json
import time
from typing import Any

from aiohttp import web

from micic_portal.demo.sinks.answers import json_answer
from micic_portal.demo.sinks.receipts import Caller, is_here
from micic_portal.demo.sinks.store import Store

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"  # noqa: S105  # nosec  # opens nothing
LONGEST_TEXT = 4096
# To these chats the answer is an error: its status and Telegram's words.
REFUSED_TO = {
    1: (403, "Forbidden: bot was blocked by the user"),
    2: (403, "Forbidden: user is deactivated"),
    3: (400, "Bad Request: chat not found"),
    4: (429, "Too Many Requests: retry after 7"),
    5: (500, "Internal Server Error"),
    6: (403, "Forbidden: bot can't send messages to the user"),
}


def update_of(number: int, chat: int, /, **message: object) -> bytes:
    """The body of a call: one person's message to the bot."""
    told = {
        "message_id": number,
        "from": {"id": chat, "is_bot": False, "first_name": "A"},
        "chat": {"id": chat, "type": "private", "first_name": "A"},
        "date": int(time.time()),
        **message,
    }
    return json.dumps({"update_id": 10_000_000 + number, "message": told}).encode()


class Telegram:
    """It knows no idempotency key: the same message again is another message."""

    def __init__(self, store: Store, caller: Caller) -> None:
        self._store = store
        self._caller = caller
        self._url = self._secret = ""
        self._number = 0

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/bot{token}/sendMessage", self.take),
            web.post("/control/telegram", self.set_webhook),
            web.post("/control/telegram/inbound", self.inbound),
        ]

    def forget(self) -> None:
        self._url = self._secret = ""

    async def take(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != TOKEN:
            return _error(401, "Unauthorized")
        try:
            wanted = await request.json()
            chat, text = int(wanted["chat_id"]), str(wanted["text"])
        except (KeyError, TypeError, ValueError):
            return _error(400, "Bad Request: chat_id is empty")
        if not text.strip():
            return _error(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > LONGEST_TEXT:
            return _error(400, "Bad Request: message is too long")
        if wanted.get("parse_mode") and "<" in text:
            return _error(400, "Bad Request: can't parse entities")
        if chat in REFUSED_TO:
            return _error(*REFUSED_TO[chat])
        self._number = self._store.add_text("telegram", str(chat), "", text, "")
        sent = {"message_id": self._number, "chat": {"id": chat, "type": "private"}, "text": text}
        return json_answer({"ok": True, "result": sent})

    async def set_webhook(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        if not is_here(str(wanted.get("url", ""))):
            return json_answer({"error": "only this machine is called"}, 400)
        self._url, self._secret = str(wanted["url"]), str(wanted.get("secret", ""))
        return json_answer({})

    async def inbound(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        message: dict[str, Any] = {"text": str(wanted["text"])}
        if wanted.get("to_message"):
            message["reply_to_message"] = {"message_id": int(wanted["to_message"])}
        self._number += 1
        body = update_of(self._number, int(wanted["from"]), **message)
        headers = {
            "Content-Type": "application/json",
            "X-Telegram-Bot-Api-Secret-Token": self._secret,
        }
        return json_answer({"status": await self._caller.post(self._url, body, headers)})


def _error(status: int, words: str) -> web.Response:
    told: dict[str, object] = {"ok": False, "error_code": status, "description": words}
    if status == 429:
        told["parameters"] = {"retry_after": 7}
    return json_answer(told, status)
