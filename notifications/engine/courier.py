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

logger = logging.getLogger(__name__)
Envelope = tuple[str, Letter]  # the channel, and what goes over it


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

    def _transport(self, channel: str) -> Transport:
        if channel not in self._transports:
            self._transports[channel] = channel_module(channel).open_transport()
        return self._transports[channel]

    def send(self, envelopes: Sequence[Envelope]) -> Future[list[Outcome]]:
        """Begin to send; the future holds one outcome for each envelope, in order."""
        return asyncio.run_coroutine_threadsafe(self._send(envelopes), self._loop)

    async def _send(self, envelopes: Sequence[Envelope]) -> list[Outcome]:
        outcomes: list[Outcome] = [Outcome(Verdict.UNCERTAIN, "channel_error")] * len(envelopes)
        channels = {channel for channel, _ in envelopes}
        await asyncio.gather(*(self._send_over(each, envelopes, outcomes) for each in channels))
        return outcomes

    async def _send_over(
        self, channel: str, envelopes: Sequence[Envelope], outcomes: list[Outcome]
    ) -> None:
        indices = [index for index, envelope in enumerate(envelopes) if envelope[0] == channel]
        try:
            transport = self._transport(channel)
            answers = await transport.send([envelopes[index][1] for index in indices])
        except Exception as error:  # A channel's own mistake leaves its letters in doubt.
            logger.error("channel %s failed: %s", channel, type(error).__name__)
            return
        for index, answer in zip(indices, answers, strict=True):
            outcomes[index] = answer

    def can_look_up(self, channel: str) -> bool:
        async def ask() -> bool:
            return self._transport(channel).can_look_up

        return asyncio.run_coroutine_threadsafe(ask(), self._loop).result()

    def look_up(self, channel: str, references: Sequence[UUID]) -> list[Outcome]:
        async def ask() -> list[Outcome]:
            return await self._transport(channel).look_up(references)

        return asyncio.run_coroutine_threadsafe(ask(), self._loop).result()
