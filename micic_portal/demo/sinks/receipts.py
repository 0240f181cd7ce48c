"""Calls the portal back as providers do: delivery receipts and what people answer.

Where the portal's webhooks are, `POST /control/callbacks` says. Only this machine is ever called.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from urllib.parse import urlsplit

import aiohttp

from micic_portal.demo.sinks.faults import Faults

_LOOPBACK = frozenset({"127.0.0.1", "localhost"})
_BATCH = 100
_BATCH_SECONDS = 0.05
_TRIES = 120
_LONGEST_PAUSE = 5.0
# What is told of a message that was kept, by the fault of its receipt.
_STATUSES: dict[str, tuple[str, ...]] = {
    "never": (),
    "failed": ("failed",),
    "duplicate": ("delivered", "delivered"),
    "disorder": ("delivered", "accepted"),
}
Tell = Callable[[str], Awaitable[object]]


def is_here(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in _LOOPBACK


class Caller:
    """Posts to the portal, and plays each receipt's fault. Counts what it did in `counts`."""

    def __init__(self, faults: Faults, injected: Counter[str]) -> None:
        self.counts: Counter[str] = Counter()
        self._faults = faults
        self._injected = injected
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """The status of the answer; 0 where none came."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15))
        try:
            async with self._session.post(
                url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0

    def count(self, status: int, receipts: int = 1) -> None:
        """Count receipts by the status of the portal's answer."""
        self.counts["receipts" if 200 <= status < 300 else "receipts_refused"] += receipts

    async def receipt(self, tell: Tell, tell_now: Tell) -> None:
        """Have one message's receipt told by `tell` later on, or by `tell_now` before returning."""
        fault = self._faults.draw_receipt()
        if fault:
            self._injected[f"sms_receipt_{fault}"] += 1
        if fault == "early":
            await tell_now("delivered")
            return
        self.start(self._tell_later(tell, _STATUSES.get(fault, ("delivered",))))

    async def _tell_later(self, tell: Tell, statuses: tuple[str, ...]) -> None:
        await asyncio.sleep(self._faults.receipt_seconds)
        for number, status in enumerate(statuses):
            # Far enough apart to be calls of their own.
            await asyncio.sleep(number * 4 * _BATCH_SECONDS)
            await tell(status)

    def start(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def forget(self) -> None:
        for task in self._tasks:
            task.cancel()
        self.counts.clear()

    async def close(self) -> None:
        self.forget()
        if self._session is not None:
            await self._session.close()


class GenericCalls:
    """The plain gateway's calls: JSON, up to a hundred receipts in each, signed over the time and
    the body, and repeated until the portal has taken them."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self.url = ""
        self._secret = b""
        self._waiting: list[dict[str, str]] = []
        self._is_flushing = False

    def set(self, url: str, secret: str) -> None:
        self.url, self._secret = url, secret.encode()
        self._waiting.clear()
        self._is_flushing = False

    def receipt_of(self, message_id: str, reference: str) -> Tell:
        async def tell(status: str) -> None:
            self._waiting.append(_receipt(message_id, reference, status))
            if not self._is_flushing:
                self._is_flushing = True
                self._caller.start(self._flush())

        return tell

    def receipt_now(self, message_id: str, reference: str) -> Tell:
        async def tell(status: str) -> None:
            # Once: the answer to the message waits for it.
            await self._send([_receipt(message_id, reference, status)], tries=1)

        return tell

    async def _flush(self) -> None:
        await asyncio.sleep(_BATCH_SECONDS)
        try:
            while self._waiting:
                batch = self._waiting[:_BATCH]
                del self._waiting[:_BATCH]
                await self._send(batch, tries=_TRIES)
        finally:
            self._is_flushing = False

    async def _send(self, receipts: list[dict[str, str]], *, tries: int) -> None:
        pause = 0.25
        for left in range(tries - 1, -1, -1):
            status = await self.call({"receipts": receipts})
            if (status and status < 500 and status != 429) or not left:
                break
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        self._caller.count(status, len(receipts))

    async def call(self, data: dict[str, object]) -> int:
        """One signed call; the status of the portal's answer."""
        body = json.dumps(data, ensure_ascii=False).encode()
        now = str(int(time.time()))
        signature = hmac.new(self._secret, f"{now}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-Timestamp": now,
            "X-Signature": f"sha256={signature}",
        }
        return await self._caller.post(self.url, body, headers)


def _receipt(message_id: str, reference: str, status: str) -> dict[str, str]:
    found = {"id": message_id, "reference": reference, "status": status}
    return found | ({"code": "absent"} if status == "failed" else {})
