"""What the sinks' HTTP gateways have in common: an answer in JSON, and a bad day's faults."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable

from aiohttp import web

from micic_portal.demo.sinks.faults import Faults


def json_answer(data: object, status: int = 200) -> web.Response:
    return web.Response(
        body=json.dumps(data, ensure_ascii=False).encode(),
        status=status,
        content_type="application/json",
    )


class Faulty:
    """Plays the fault that is drawn for a message, around the gateway that would take it."""

    def __init__(self, faults: Faults, injected: Counter[str]) -> None:
        self._faults = faults
        self._injected = injected

    async def play(self, take: Callable[[bool], Awaitable[web.Response]]) -> web.Response:
        """`take(keep)` answers as on a good day; with keep False it forgets what it was given."""
        if self._faults.latency_seconds:
            await asyncio.sleep(self._faults.latency_seconds)
        fault = self._faults.draw()
        if fault:
            self._injected[f"sms_{fault}"] += 1
        if fault == "error":
            return json_answer({"error": "internal"}, 500)
        if fault == "busy":
            answer = json_answer({"error": "too many", "code": 20429}, 429)
            answer.headers["Retry-After"] = f"{self._faults.retry_after:g}"
            return answer
        if fault == "refuse":
            return json_answer({"error": "not a number", "code": 21211}, 400)
        if fault == "garbage":
            return web.Response(text="<html><body>Welcome to our Wi-Fi</body></html>")
        answer = await take(fault != "forget")
        if fault == "silent":
            await asyncio.sleep(self._faults.silent_seconds)
        return answer
