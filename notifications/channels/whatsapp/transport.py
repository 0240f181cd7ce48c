"""WhatsApp over Meta's Cloud API: POST {base}/{version}/{phone_number_id}/messages."""

from __future__ import annotations

import re

from django.conf import settings

from notifications.channels.http import (
    Answer,
    HttpClient,
    HttpTransport,
    json_object,
    refusal_by_somebody,
    retry_after,
)
from notifications.channels.ports import CRISIS_ONLY, Fault, Letter, Outcome, Transport, Verdict
from notifications.channels.references import kept_reference
from notifications.channels.whatsapp import errors
from notifications.channels.whatsapp.composing import WhatsAppComposer, template_languages
from notifications.enums import Channel
from notifications.models import MessageText
from notifications.providers import Provider

BASE = "https://graph.facebook.com"
VERSION = "v23.0"
_NUMBER_ID = re.compile(r"[0-9]{5,20}")
_VERSION = re.compile(r"v[0-9]{1,3}\.[0-9]{1,2}")
_TEMPLATE = re.compile(r"[a-z0-9_]{1,512}")


def outcome_of(status: int, body: bytes, wait: str | None = None) -> Outcome:
    answer = json_object(body)
    if 200 <= status < 300:
        reference = _message_id(answer)
        if not reference:
            return Outcome(Verdict.UNCERTAIN, "whatsapp_garbled")
        return Outcome(Verdict.ACCEPTED, reference=kept_reference(Channel.WHATSAPP, reference))
    code = errors.code_of(answer.get("error")) if answer else None
    if code is None:
        return refusal_by_somebody("whatsapp", status, wait)
    return _refusal(code, status, wait)


def _refusal(code: int, status: int, wait: str | None) -> Outcome:
    if code in errors.OF_RECIPIENT:
        gone = code == errors.NOT_REACHABLE
        return Outcome(Verdict.FAILED, errors.short_code(code), gone=gone)
    if code == errors.TOO_MANY_TO_ONE:
        return Outcome(Verdict.RETRY, errors.short_code(code), fault=Fault.RECIPIENT)
    if code in errors.LATER or status >= 500:
        return Outcome(Verdict.RETRY, errors.short_code(code), retry_after=retry_after(wait))
    return Outcome(Verdict.RETRY, f"whatsapp_refused_us_{code}")


def _message_id(answer: dict[str, object] | None) -> str:
    messages = answer.get("messages") if answer else None
    first = messages[0] if isinstance(messages, list) and messages else None
    found = first.get("id") if isinstance(first, dict) else None
    return found if isinstance(found, str) else ""


class WhatsAppTransport(HttpTransport):
    # Meta has no question for a message, and the same one again is another one.
    resend_in_doubt = CRISIS_ONLY

    def __init__(self, provider: Provider) -> None:
        base = provider.option("base", BASE).rstrip("/")
        number = provider.option("phone_number_id")
        version = provider.option("version", VERSION)
        self._url = f"{base}/{version}/{number}/messages" if number else ""
        headers = {
            "Authorization": f"Bearer {provider.option('token')}",
            "Content-Type": "application/json",
        }
        super().__init__(HttpClient("whatsapp", headers=headers))

    async def send_one(self, letter: Letter) -> Outcome:
        answer = await self._http.ask("POST", self._url, data=letter.payload)
        if isinstance(answer, Answer):
            return outcome_of(answer.status, answer.body, answer.headers.get("Retry-After"))
        return answer


def open_transport(provider: Provider) -> Transport:
    return WhatsAppTransport(provider)


def compose(text: MessageText, provider: Provider) -> WhatsAppComposer:
    return WhatsAppComposer(text, provider)


def check_config(provider: Provider) -> list[str]:
    """What an operator has to set before a WhatsApp message can leave, and receipts come back."""
    name = f"WHATSAPP_{provider.name.upper()}"
    wanted = {
        "PHONE_NUMBER_ID": _NUMBER_ID.fullmatch(provider.option("phone_number_id")),
        "TOKEN": provider.option("token"),
        "TEMPLATE": _TEMPLATE.fullmatch(provider.option("template")),
        "APP_SECRET": provider.option("app_secret"),
        "VERIFY_TOKEN": provider.option("verify_token"),
        "VERSION": _VERSION.fullmatch(provider.option("version", VERSION)),
        "BASE": provider.option("base", BASE).startswith(("https://", "http://")),
    }
    problems = [
        f"{name}_{option} is not set as it should be." for option in wanted if not wanted[option]
    ]
    missing = {code for code, _ in settings.LANGUAGES} - template_languages(provider).keys()
    if missing:
        listed = ", ".join(sorted(missing))
        problems.append(f"{name}_TEMPLATE_LANGUAGES lacks {listed}.")
    return problems
