"""No connection to an address that others gave leads into our own network."""

from __future__ import annotations

import asyncio
import socket

import aiohttp
import pytest

from notifications.channels.guarding import PublicResolver, is_public
from notifications.channels.http import HttpClient
from notifications.channels.ports import Outcome, Verdict

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::127.0.0.1",
    "::ffff:10.0.0.1",
    "fe80::1",
    "fe80::1%2",
    "fec0::1",
    "fd00::1",
    "ff02::1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::10.0.0.1",
    "2002:a00:1::",
    "2001:db8::1",
    "not an address",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_our_own_network_is_not_public(address: str):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"]
)
def test_an_address_of_the_internet_is(address: str):
    assert is_public(address)


def answering(*addresses: str):
    async def resolve(self, host, port=0, family=socket.AF_INET):
        return [
            {"hostname": host, "host": one, "port": port, "family": family, "proto": 0, "flags": 0}
            for one in addresses
        ]

    return resolve


def test_a_name_is_asked_for_its_public_addresses_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", answering("10.0.0.1", "8.8.8.8"))

    async def go() -> list[str]:
        return [one["host"] for one in await PublicResolver().resolve("push.example", 443)]

    assert asyncio.run(go()) == ["8.8.8.8"]


def test_nothing_is_sent_to_a_name_that_leads_inside(monkeypatch: pytest.MonkeyPatch):
    """The server is there and listens: what keeps us from it is the resolver alone."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", answering("127.0.0.1"))

        async def go() -> object:
            client = HttpClient("push", resolver=PublicResolver())
            try:
                return await client.ask("POST", f"http://push.example:{port}/x", data=b"x")
            finally:
                await client.close()

        assert asyncio.run(go()) == Outcome(Verdict.RETRY, "push_unreachable")
        with pytest.raises(TimeoutError):
            server.accept()
