"""Sends in an event loop of its own thread, so that the database is never waited for in it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from types import TracebackType
from uuid import UUID

from notifications.channels.ports import (
    CRISIS_ONLY,
    Letter,
    Outcome,
    Transport,
    Verdict,
    channel_module,
)
from notifications.enums import Lane
from notifications.providers import NoProvider, provider_named

logger = logging.getLogger(__name__)
Envelope = tuple[str, Letter]  # the key of a provider, and what goes over it
_INQUIRIES = 0  # Beside the lanes: a question that hangs holds no letter up.


@dataclass(slots=True, frozen=True)
class Inquiries:
    can_look_up: bool
    resend: frozenset[Lane]  # the lanes in which it is sent once more where nobody can be asked


class Courier:
    """One per drain: its connections live as long as it does."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._transports: dict[tuple[str, int], Transport] = {}

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def __enter__(self) -> Courier:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        for transport in self._transports.values():
            await transport.close()
        # What the transports have closed is gone after one more turn of the loop.
        await asyncio.sleep(0)

    def _transport(self, key: str, lane: int) -> Transport:
        if (key, lane) not in self._transports:
            provider = provider_named(key)
            transport = channel_module(provider.channel).open_transport(provider)
            self._transports[key, lane] = transport
        return self._transports[key, lane]

    def send(self, envelopes: Sequence[Envelope], lane: int) -> Future[list[Outcome]]:
        """Begin to send; the future holds one outcome for each envelope, in order.

        Each lane has connections of its own: what hangs in one delays no other.
        """
        return asyncio.run_coroutine_threadsafe(self._send(envelopes, lane), self._loop)

    async def _send(self, envelopes: Sequence[Envelope], lane: int) -> list[Outcome]:
        outcomes: list[Outcome] = [Outcome(Verdict.UNCERTAIN, "channel_error")] * len(envelopes)
        keys = {key for key, _ in envelopes}
        await asyncio.gather(*(self._send_over(each, lane, envelopes, outcomes) for each in keys))
        return outcomes

    async def _send_over(
        self, key: str, lane: int, envelopes: Sequence[Envelope], outcomes: list[Outcome]
    ) -> None:
        indices = [index for index, envelope in enumerate(envelopes) if envelope[0] == key]
        try:
            transport = self._transport(key, lane)
            answers = await transport.send([envelopes[index][1] for index in indices])
        except Exception as error:  # A channel's own mistake leaves its letters in doubt.
            logger.error("provider %s failed: %s", key, type(error).__name__)
            return
        for index, answer in zip(indices, answers, strict=True):
            outcomes[index] = answer

    def inquiries_at(self, key: str) -> Inquiries:
        """What a provider knows about messages in doubt, and what is to be done where it cannot."""

        async def ask() -> Inquiries:
            try:
                transport = self._transport(key, _INQUIRIES)
            except NoProvider:  # It is described no longer: nobody is left to be asked.
                return Inquiries(can_look_up=False, resend=CRISIS_ONLY)
            return Inquiries(transport.can_look_up, transport.resend_in_doubt)

        return asyncio.run_coroutine_threadsafe(ask(), self._loop).result()

    def look_up(self, key: str, references: Sequence[UUID]) -> Future[list[Outcome]]:
        """Begin to ask; the future holds one outcome for each reference, in order."""

        async def ask() -> list[Outcome]:
            try:
                return await self._transport(key, _INQUIRIES).look_up(references)
            except Exception as error:  # A channel's own mistake leaves the doubt as it was.
                logger.error("provider %s not asked: %s", key, type(error).__name__)
                return [Outcome(Verdict.UNCERTAIN, "channel_error")] * len(references)

        return asyncio.run_coroutine_threadsafe(ask(), self._loop)
