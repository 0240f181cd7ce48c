"""A fake served over TLS under somebody else's name, and the channels' way to it."""

from __future__ import annotations

import asyncio
import functools
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from tests.fakes.certificates import contexts_for

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class _Here(AbstractResolver):
    """Every name leads to one port of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        where = ("127.0.0.1", self._port, socket.AF_INET, 0, socket.AI_NUMERICHOST)
        names = ("host", "port", "family", "proto", "flags")
        return [ResolveResult(hostname=host, **dict(zip(names, where, strict=True)))]  # type: ignore[typeddict-item]

    async def close(self) -> None:
        pass


async def _start(handler: Handler, context: ssl.SSLContext) -> web.ServerRunner:
    runner = web.ServerRunner(web.Server(handler, access_log=None), shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    return runner


@contextmanager
def served_as(
    name: str, handler: Handler, folder: Path, patch: pytest.MonkeyPatch
) -> Iterator[int]:
    """Serve it on loopback under this name, certificate included; yields the port.

    Only the resolver of the push channel is replaced, and who is trusted: what the channel says
    and does over the connection is its own.
    """
    theirs, ours = contexts_for([name], folder)
    loop = asyncio.new_event_loop()
    runner = loop.run_until_complete(_start(handler, theirs))
    port = int(runner.addresses[0][1])
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    connector = functools.partial(aiohttp.TCPConnector, ssl=ours)
    patch.setattr("notifications.channels.http.aiohttp.TCPConnector", connector)
    patch.setattr("notifications.channels.push.transport.PublicResolver", lambda: _Here(port))
    try:
        yield port
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
