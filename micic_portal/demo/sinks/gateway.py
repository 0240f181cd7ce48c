"""The SMS gateway, and the control interface that tells what arrived on either channel."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

from aiohttp import web

from micic_portal.demo.sinks.faults import Faults
from micic_portal.demo.sinks.store import Store


def _json(data: object, status: int = 200) -> web.Response:
    return web.Response(
        body=json.dumps(data, ensure_ascii=False).encode(),
        status=status,
        content_type="application/json",
    )


class Gateway:
    """POST /messages, GET /messages/{reference}; the same Idempotency-Key is taken once."""

    def __init__(self, store: Store, faults: Faults, injected: Counter[str]) -> None:
        self._store = store
        self._faults = faults
        self._injected = injected
        self._answers: dict[str, dict[str, str]] = {}

    async def take(self, request: web.Request) -> web.Response:
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            return _json({"error": "no token"}, 401)
        if self._faults.latency_seconds:
            await asyncio.sleep(self._faults.latency_seconds)
        fault = self._faults.draw()
        if fault:
            self._injected[f"sms_{fault}"] += 1
        if fault == "error":
            return _json({"error": "internal"}, 500)
        if fault == "busy":
            answer = _json({"error": "too many"}, 429)
            answer.headers["Retry-After"] = f"{self._faults.retry_after:g}"
            return answer
        if fault == "refuse":
            return _json({"error": "not a number"}, 400)
        if fault == "garbage":
            return web.Response(text="<html><body>Welcome to our Wi-Fi</body></html>")
        try:
            wanted = await request.json()
            fields = [str(wanted[name]) for name in ("to", "sender", "text", "reference")]
        except (ValueError, KeyError, TypeError):
            return _json({"error": "not understood"}, 400)
        answered = self._keep(request.headers.get("Idempotency-Key", ""), fields)
        if fault == "silent":
            await asyncio.sleep(self._faults.silent_seconds)
        return _json(answered, 201)

    def _keep(self, key: str, fields: list[str]) -> dict[str, str]:
        reference = fields[3]
        if key and (key in self._answers or (key == reference and self._store.knows(key))):
            self._store.repeated_keys += 1
            return self._answers.get(key, {"id": "", "reference": reference})
        number = self._store.add_sms(*fields)
        answered = {"id": f"sink-{number}", "reference": reference}
        if key:
            self._answers[key] = answered
        return answered

    async def look_up(self, request: web.Request) -> web.Response:
        reference = request.match_info["reference"]
        if not self._store.knows(reference):
            return _json({"error": "unknown reference"}, 404)
        return _json(self._answers.get(reference, {"id": "", "reference": reference}))

    def forget(self) -> None:
        self._answers.clear()


class Control:
    """What arrived, and which faults the sinks play."""

    def __init__(
        self, store: Store, faults: Faults, injected: Counter[str], gateway: Gateway
    ) -> None:
        self._store = store
        self._faults = faults
        self._injected = injected
        self._gateway = gateway

    async def messages(self, request: web.Request) -> web.Response:
        query = request.query
        try:
            limit, offset = int(query.get("limit", "50")), int(query.get("offset", "0"))
        except ValueError:
            return _json({"error": "limit and offset are numbers"}, 400)
        found = self._store.newest(
            to=query.get("to", ""),
            reference=query.get("reference", ""),
            limit=min(max(limit, 0), 1000),
            offset=max(offset, 0),
        )
        return _json({"messages": found})

    async def counts(self, request: web.Request) -> web.Response:
        return _json(self._store.counts() | {"injected": dict(self._injected)})

    async def references(self, request: web.Request) -> web.Response:
        return _json({"references": self._store.references()})

    async def set_faults(self, request: web.Request) -> web.Response:
        try:
            self._faults.set(await request.json())
        except (TypeError, ValueError):
            return _json({"error": "not a fault we know"}, 400)
        return _json({})

    async def clear(self, request: web.Request) -> web.Response:
        self._store.clear()
        self._gateway.forget()
        self._injected.clear()
        self._faults.set({})
        return _json({})


def application(store: Store, faults: Faults, injected: Counter[str]) -> web.Application:
    gateway = Gateway(store, faults, injected)
    control = Control(store, faults, injected, gateway)
    app = web.Application()
    app.add_routes(
        [
            web.post("/messages", gateway.take),
            web.get("/messages/{reference}", gateway.look_up),
            web.get("/control/messages", control.messages),
            web.delete("/control/messages", control.clear),
            web.get("/control/counts", control.counts),
            web.get("/control/references", control.references),
            web.post("/control/faults", control.set_faults),
        ]
    )
    return app
