"""Text messages over a gateway's HTTP interface, in whichever shape it speaks (shapes/)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from notifications.channels.http import HttpClient, json_object
from notifications.channels.ports import CRISIS_ONLY, Letter, Outcome, Transport, Verdict
from notifications.channels.sms.composing import SmsComposer
from notifications.channels.sms.shapes import SHAPES, generic, shape_of
from notifications.models import MessageText
from notifications.providers import Provider


class SmsTransport:
    resend_in_doubt = CRISIS_ONLY

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        named = shape_of(provider)
        self._shape = named or generic
        self.can_look_up = self._shape.CAN_LOOK_UP
        self._url = named.send_url(provider) if named else ""
        self._http = HttpClient("gateway", headers=self._shape.headers(provider))

    async def send(self, letters: Sequence[Letter]) -> list[Outcome]:
        return list(await asyncio.gather(*map(self._send_one, letters)))

    async def _send_one(self, letter: Letter) -> Outcome:
        # Who knows no such key ignores it.
        key = {"Idempotency-Key": str(letter.delivery_id)}
        answer = await self._http.ask("POST", self._url, data=letter.payload, headers=key)
        if isinstance(answer, Outcome):
            return answer
        wait = answer.headers.get("Retry-After")
        return self._shape.outcome_of(answer.status, answer.body, wait)

    async def look_up(self, references: Sequence[UUID]) -> list[Outcome]:
        if not self.can_look_up:
            return [Outcome(Verdict.UNCERTAIN, "no_lookup")] * len(references)
        return list(await asyncio.gather(*map(self._look_up_one, references)))

    async def _look_up_one(self, reference: UUID) -> Outcome:
        unclear = Outcome(Verdict.UNCERTAIN, "lookup_failed")
        url = self._shape.look_up_url(self._provider, reference)
        answer = await self._http.ask("GET", url)
        if isinstance(answer, Outcome) or json_object(answer.body) is None:
            return unclear
        if answer.status == 200:
            return self._shape.outcome_of(answer.status, answer.body)
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
    shape = shape_of(provider)
    if shape is not None:
        return shape.problems(provider)
    known = ", ".join(SHAPES)
    return [f"SMS_{provider.name.upper()}_SHAPE is none of: {known}."]
