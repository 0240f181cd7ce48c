"""Keeps connections to addresses that others gave us out of the ministry's own network.

A name is looked at when it is resolved for the connection itself: one that was public when it was
checked may point into the network a moment later.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

_TRANSLATED = IPv6Network("64:ff9b::/96")  # carries an IPv4 address at its end (RFC 6052)
_GLOBAL_UNICAST = IPv6Network("2000::/3")


def is_public(address: str) -> bool:
    """Whether an IP address is the internet's, and the IPv4 address inside it too."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return found.is_global and not found.is_multicast
    inside = _inside(found)
    if inside is not None:
        return inside.is_global and not inside.is_multicast
    return found in _GLOBAL_UNICAST and found.is_global


def _inside(address: IPv6Address) -> IPv4Address | None:
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


class PublicResolver(AbstractResolver):
    """Resolves a name to its public addresses only. Raises OSError where there is none."""

    def __init__(self) -> None:
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        public = [one for one in found if is_public(one["host"])]
        if not public:
            raise OSError("This name has no public address.")
        return public

    async def close(self) -> None:
        await self._resolver.close()
