"""Sends in an event loop of its own thread, so that the database is never waited for in it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from types import TracebackType
from uuid import UUID

from notifications.channels.ports import Letter, Outcome, Transport, Verdict, channel_module
from notifications.providers import NoProvider, provider_named

logger = logging.getLogger(__name__)
Envelope = tuple[str, Letter]  # the key of a provider, and what goes over it


class Courier:
    """One per drain: its connections live as long as it does."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._transports: dict[str, Transport] = {}

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

    def _transport(self, key: str) -> Transport:
        if key not in self._transports:
            provider = provider_named(key)
            self._transports[key] = channel_module(provider.channel).open_transport(provider)
        return self._transports[key]

    def send(self, envelopes: Sequence[Envelope]) -> Future[list[Outcome]]:
        """Begin to send; the future holds one outcome for each envelope, in order."""
        return asyncio.run_coroutine_threadsafe(self._send(envelopes), self._loop)

    async def _send(self, envelopes: Sequence[Envelope]) -> list[Outcome]:
        outcomes: list[Outcome] = [Outcome(Verdict.UNCERTAIN, "channel_error")] * len(envelopes)
        keys = {key for key, _ in envelopes}
        await asyncio.gather(*(self._send_over(each, envelopes, outcomes) for each in keys))
        return outcomes

    async def _send_over(
        self, key: str, envelopes: Sequence[Envelope], outcomes: list[Outcome]
    ) -> None:
        indices = [index for index, envelope in enumerate(envelopes) if envelope[0] == key]
        try:
            transport = self._transport(key)
            answers = await transport.send([envelopes[index][1] for index in indices])
        except Exception as error:  # A channel's own mistake leaves its letters in doubt.
            logger.error("provider %s failed: %s", key, type(error).__name__)
            return
        for index, answer in zip(indices, answers, strict=True):
            outcomes[index] = answer

    def can_look_up(self, key: str) -> bool:
        async def ask() -> bool:
            try:
                return self._transport(key).can_look_up
            except NoProvider:  # It is described no longer: nobody is left to be asked.
                return False

        return asyncio.run_coroutine_threadsafe(ask(), self._loop).result()

    def look_up(self, key: str, references: Sequence[UUID]) -> list[Outcome]:
        async def ask() -> list[Outcome]:
            return await self._transport(key).look_up(references)

        return asyncio.run_coroutine_threadsafe(ask(), self._loop).result()
