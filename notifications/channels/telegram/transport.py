"""Telegram's Bot API: POST {base}/bot{token}/sendMessage.

The token stands in the address, so no address of a request may ever reach a log or an exception.
"""

from __future__ import annotations

import re

from notifications.channels.http import (
    LONGEST_WAIT,
    Answer,
    HttpClient,
    HttpTransport,
    json_object,
    refusal_by_somebody,
    refusal_of,
)
from notifications.channels.ports import CRISIS_ONLY, Fault, Letter, Outcome, Transport, Verdict
from notifications.channels.references import kept_reference
from notifications.channels.telegram.composing import TelegramComposer
from notifications.enums import Channel
from notifications.models import MessageText
from notifications.providers import Provider

BASE = "https://api.telegram.org"
_TOKEN = re.compile(r"[0-9]{5,20}:[A-Za-z0-9_-]{30,60}")
# What setWebhook takes as its secret_token.
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")
# Telegram tells its errors apart by these words alone.
_NO_CHAT = ("chat not found", "user not found", "peer_id_invalid", "user_id_invalid")
# Seen for minutes at a time of people who had blocked nobody.
_PASSES = "bot can't send messages to the user"


def outcome_of(chat: str, status: int, body: bytes, wait: str | None = None) -> Outcome:
    answer = json_object(body)
    if 200 <= status < 300:
        reference = _message_id(answer)
        if not reference:
            return Outcome(Verdict.UNCERTAIN, "telegram_garbled")
        return Outcome(
            Verdict.ACCEPTED, reference=kept_reference(Channel.TELEGRAM, chat, reference)
        )
    if answer is None or answer.get("ok") is not False:
        return refusal_by_somebody("telegram", status, wait)
    told = str(answer.get("description", "")).lower()
    if status == 403:
        if _PASSES in told:
            return Outcome(Verdict.RETRY, "telegram_403", fault=Fault.RECIPIENT)
        return Outcome(Verdict.FAILED, "telegram_403", gone=True)
    if status == 400:
        if any(words in told for words in _NO_CHAT):
            return Outcome(Verdict.FAILED, "telegram_no_chat", gone=True)
        return Outcome(Verdict.RETRY, "telegram_refused_us_400")
    if status == 429:
        return Outcome(Verdict.RETRY, "telegram_429", retry_after=_wait(answer))
    return refusal_of("telegram", status, wait)


def _message_id(answer: dict[str, object] | None) -> str:
    result = answer.get("result") if answer and answer.get("ok") is True else None
    found = result.get("message_id") if isinstance(result, dict) else None
    return str(found) if isinstance(found, int) else ""


def _wait(answer: dict[str, object]) -> float | None:
    parameters = answer.get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return min(max(float(seconds), 0.0), LONGEST_WAIT) if isinstance(seconds, int) else None


class TelegramTransport(HttpTransport):
    # A bot cannot ask what it has sent, and the same message again is another one.
    resend_in_doubt = CRISIS_ONLY

    def __init__(self, provider: Provider) -> None:
        token = provider.option("token")
        base = provider.option("base", BASE).rstrip("/")
        self._url = f"{base}/bot{token}/sendMessage" if _TOKEN.fullmatch(token) else ""
        super().__init__(HttpClient("telegram", headers={"Content-Type": "application/json"}))

    async def send_one(self, letter: Letter) -> Outcome:
        answer = await self._http.ask("POST", self._url, data=letter.payload)
        if isinstance(answer, Answer):
            wait = answer.headers.get("Retry-After")
            return outcome_of(letter.address, answer.status, answer.body, wait)
        return answer


def open_transport(provider: Provider) -> Transport:
    return TelegramTransport(provider)


def compose(text: MessageText, provider: Provider) -> TelegramComposer:
    return TelegramComposer(text)


def check_config(provider: Provider) -> list[str]:
    """What an operator has to set before a Telegram message can leave, and replies come back."""
    name = f"TELEGRAM_{provider.name.upper()}"
    problems = []
    if not _TOKEN.fullmatch(provider.option("token")):
        problems.append(f"{name}_TOKEN is not set to the token of a bot.")
    if not _SECRET.fullmatch(provider.option("webhook_secret")):
        problems.append(
            f"{name}_WEBHOOK_SECRET is not set to 16 or more letters, digits, _ and -: "
            "no reply is taken."
        )
    if not provider.option("base", BASE).startswith(("https://", "http://")):
        problems.append(f"{name}_BASE is not an http(s) address.")
    return problems
