"""The control interface: what arrived on any channel, which faults are played, who is called."""

from __future__ import annotations

import uuid
from collections import Counter
from pathlib import Path

from aiohttp import web

from micic_portal.demo.sinks.answers import Faulty, json_answer
from micic_portal.demo.sinks.faults import Faults
from micic_portal.demo.sinks.gateway import Gateway
from micic_portal.demo.sinks.receipts import Caller, GenericCalls, is_here
from micic_portal.demo.sinks.store import Store
from micic_portal.demo.sinks.telegram import Telegram
from micic_portal.demo.sinks.twilio import Twilio
from micic_portal.demo.sinks.whatsapp import WhatsApp

_LONGEST_REQUEST = 4 * 1024 * 1024


class Sinks:
    """Everything that is kept and played, for both the HTTP routes and the mail server."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.faults = Faults()
        self.injected: Counter[str] = Counter()
        self.caller = Caller(self.faults, self.injected)
        self.calls = GenericCalls(self.caller)
        faulty = Faulty(self.faults, self.injected)
        self.gateway = Gateway(self.store, faulty, self.caller, self.calls)
        self.twilio = Twilio(self.store, faulty, self.caller)
        self.whatsapp = WhatsApp(self.store, self.caller)
        self.telegram = Telegram(self.store, self.caller)

    def clear(self) -> None:
        """As new: nothing has arrived, nothing fails and nobody is called."""
        self.caller.forget()
        self.calls.set("", "")
        self.twilio.inbound_url = ""
        self.whatsapp.forget()
        self.telegram.forget()
        self.store.clear()
        self.gateway.forget()
        self.injected.clear()
        self.faults.set({})

    async def close(self) -> None:
        await self.caller.close()
        self.store.close()


class Control:
    def __init__(self, sinks: Sinks) -> None:
        self._sinks = sinks

    async def messages(self, request: web.Request) -> web.Response:
        query = request.query
        try:
            limit, offset = int(query.get("limit", "50")), int(query.get("offset", "0"))
        except ValueError:
            return json_answer({"error": "limit and offset are numbers"}, 400)
        found = self._sinks.store.newest(
            to=query.get("to", ""),
            reference=query.get("reference", ""),
            limit=min(max(limit, 0), 1000),
            offset=max(offset, 0),
        )
        return json_answer({"messages": found})

    async def counts(self, request: web.Request) -> web.Response:
        told = {name: self._sinks.caller.counts[name] for name in ("receipts", "receipts_refused")}
        counts = self._sinks.store.counts() | told
        return json_answer(counts | {"injected": dict(self._sinks.injected)})

    async def references(self, request: web.Request) -> web.Response:
        store = self._sinks.store
        return json_answer({"references": store.references(), "twice": store.twice()})

    async def set_faults(self, request: web.Request) -> web.Response:
        try:
            self._sinks.faults.set(await request.json())
        except (TypeError, ValueError):
            return json_answer({"error": "not a fault we know"}, 400)
        return json_answer({})

    async def set_callbacks(self, request: web.Request) -> web.Response:
        """{"gateway": {"url", "secret"}, "twilio": {"url"}}: what is not named is not called."""
        try:
            wanted = await request.json()
            generic, twilio = wanted.get("gateway", {}), wanted.get("twilio", {})
            urls = [str(one.get("url", "")) for one in (generic, twilio)]
            secret = str(generic.get("secret", ""))
        except (AttributeError, ValueError):
            return json_answer({"error": "not understood"}, 400)
        if not all(is_here(url) for url in urls if url):
            return json_answer({"error": "only this machine is called"}, 400)
        self._sinks.calls.set(urls[0], secret)
        self._sinks.twilio.inbound_url = urls[1]
        return json_answer({})

    async def inbound(self, request: web.Request) -> web.Response:
        """{"from", "text", "to", "provider": gateway or twilio, "id"}: somebody's SMS, sent on to
        the portal at once; answers the status of the portal's answer."""
        try:
            wanted = await request.json()
            sender, text = str(wanted["from"]), str(wanted["text"])
            to, provider = str(wanted.get("to", "")), str(wanted.get("provider", "gateway"))
            message_id = str(wanted.get("id") or f"in-{uuid.uuid4().hex}")
        except (AttributeError, KeyError, TypeError, ValueError):
            return json_answer({"error": "not understood"}, 400)
        is_twilio = provider == "twilio"
        if not (self._sinks.twilio.inbound_url if is_twilio else self._sinks.calls.url):
            return json_answer({"error": "the portal's address is not known"}, 409)
        if is_twilio:
            status = await self._sinks.twilio.inbound(message_id, sender, to, text)
        else:
            told = {"id": message_id, "from": sender, "to": to, "text": text}
            status = await self._sinks.calls.call({"messages": [told]})
        return json_answer({"id": message_id, "status": status})

    async def clear(self, request: web.Request) -> web.Response:
        self._sinks.clear()
        return json_answer({})


def application(sinks: Sinks) -> web.Application:
    control = Control(sinks)
    app = web.Application(client_max_size=_LONGEST_REQUEST)
    app.add_routes(
        [
            web.post("/messages", sinks.gateway.take),
            web.get("/messages/{reference}", sinks.gateway.look_up),
            web.post("/2010-04-01/Accounts/{account}/Messages.json", sinks.twilio.take),
            *sinks.whatsapp.routes(),
            *sinks.telegram.routes(),
            web.get("/control/messages", control.messages),
            web.delete("/control/messages", control.clear),
            web.get("/control/counts", control.counts),
            web.get("/control/references", control.references),
            web.post("/control/faults", control.set_faults),
            web.post("/control/callbacks", control.set_callbacks),
            web.post("/control/inbound", control.inbound),
        ]
    )
    return app
