"""SMS over an HTTP gateway: POST {to, text, sender, reference} as JSON, with the delivery's id as
Idempotency-Key; GET {url}/{reference} tells whether the gateway has it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from notifications.channels.http import Answer, HttpClient, json_object, refusal_of
from notifications.channels.ports import CRISIS_ONLY, Letter, Outcome, Transport, Verdict
from notifications.channels.sms.composing import SmsComposer
from notifications.models import MessageText
from notifications.providers import Provider


def outcome_of(status: int, body: bytes, wait: str | None = None) -> Outcome:
    if not 200 <= status < 300:
        return refusal_of("gateway", status, wait)
    answer = json_object(body)
    if answer is None:
        # A proxy's page, or nothing: the gateway may have taken it or never have seen it.
        return Outcome(Verdict.UNCERTAIN, "gateway_garbled")
    return Outcome(Verdict.ACCEPTED, reference=str(answer.get("id", ""))[:100])


class SmsTransport:
    can_look_up = True
    resend_in_doubt = CRISIS_ONLY

    def __init__(self, provider: Provider) -> None:
        self._url = provider.option("url").rstrip("/")
        self._http = HttpClient(
            "gateway",
            headers={
                "Authorization": f"Bearer {provider.option('token')}",
                "Content-Type": "application/json",
            },
        )

    async def send(self, letters: Sequence[Letter]) -> list[Outcome]:
        return list(await asyncio.gather(*map(self._send_one, letters)))

    async def _send_one(self, letter: Letter) -> Outcome:
        answer = await self._http.ask(
            "POST",
            self._url,
            data=letter.payload,
            headers={"Idempotency-Key": str(letter.delivery_id)},
        )
        if isinstance(answer, Answer):
            return outcome_of(answer.status, answer.body, answer.headers.get("Retry-After"))
        return answer

    async def look_up(self, references: Sequence[UUID]) -> list[Outcome]:
        return list(await asyncio.gather(*map(self._look_up_one, references)))

    async def _look_up_one(self, reference: UUID) -> Outcome:
        unclear = Outcome(Verdict.UNCERTAIN, "lookup_failed")
        answer = await self._http.ask("GET", f"{self._url}/{reference}")
        found = json_object(answer.body) if isinstance(answer, Answer) else None
        if not isinstance(answer, Answer) or found is None:
            return unclear
        if answer.status == 200:
            return Outcome(Verdict.ACCEPTED, reference=str(found.get("id", ""))[:100])
        # Only a gateway's own 404 is a no; a proxy's is not JSON.
        return Outcome(Verdict.FAILED, "not_found") if answer.status == 404 else unclear

    async def close(self) -> None:
        await self._http.close()


def open_transport(provider: Provider) -> Transport:
    return SmsTransport(provider)


def compose(text: MessageText, provider: Provider) -> SmsComposer:
    return SmsComposer(text, provider)


def check_config(provider: Provider) -> list[str]:
    """What an operator has to set before a text message can leave."""
    problems = []
    name = f"SMS_{provider.name.upper()}"
    if not provider.option("url").startswith(("http://", "https://")):
        problems.append(f"{name}_URL is not set to an http(s) address.")
    elif not provider.option("token"):
        problems.append(f"{name}_TOKEN is not set.")
    return problems
