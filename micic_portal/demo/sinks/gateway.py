"""The plain SMS gateway, as docs/channels/sms.md describes it."""

from __future__ import annotations

from aiohttp import web

from micic_portal.demo.sinks.answers import Faulty, json_answer
from micic_portal.demo.sinks.receipts import Caller, GenericCalls
from micic_portal.demo.sinks.store import Store


class Gateway:
    """POST /messages, GET /messages/{reference}; the same Idempotency-Key is taken once."""

    def __init__(self, store: Store, faulty: Faulty, caller: Caller, calls: GenericCalls) -> None:
        self._store = store
        self._faulty = faulty
        self._caller = caller
        self._calls = calls
        self._answers: dict[str, dict[str, str]] = {}

    async def take(self, request: web.Request) -> web.Response:
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            return json_answer({"error": "no token"}, 401)
        return await self._faulty.play(lambda keep: self._take(request, keep))

    async def _take(self, request: web.Request, keep: bool) -> web.Response:
        try:
            wanted = await request.json()
            fields = [str(wanted[name]) for name in ("to", "sender", "text", "reference")]
        except (ValueError, KeyError, TypeError):
            return json_answer({"error": "not understood"}, 400)
        key, reference = request.headers.get("Idempotency-Key", ""), fields[3]
        if key and (key in self._answers or (key == reference and self._store.knows(key))):
            self._store.repeated_keys += 1
            return json_answer(self._answers.get(key, {"id": "", "reference": reference}), 201)
        if not keep:
            return json_answer({"id": "sink-0", "reference": reference}, 201)
        answered = {"id": f"sink-{self._store.add_sms(*fields)}", "reference": reference}
        if key:
            self._answers[key] = answered
        if self._calls.url:
            told = answered["id"], reference
            await self._caller.receipt(
                self._calls.receipt_of(*told), self._calls.receipt_now(*told)
            )
        return json_answer(answered, 201)

    async def look_up(self, request: web.Request) -> web.Response:
        reference = request.match_info["reference"]
        self._store.look_ups += 1
        if not self._store.knows(reference):
            return json_answer({"error": "unknown reference"}, 404)
        return json_answer(self._answers.get(reference, {"id": "", "reference": reference}))

    def forget(self) -> None:
        self._answers.clear()
