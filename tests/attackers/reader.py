"""The third attacker reads every log, and what the broker and the cache hold."""

from __future__ import annotations

import re
from urllib.error import HTTPError
from urllib.request import urlopen

import redis

from micic_portal.environment import redis_cache_url
from tests.attackers.loot import Loot, Target

_TOKEN = re.compile(rb"[A-Za-z0-9_-]{40,}")
_LINKS = ("a", "a/stop", "p", "i", "g", "still", "listed", "stop")


def read(target: Target) -> Loot:
    loot = Loot("A reader of logs")
    logs = b"".join(path.read_bytes() for path in sorted(target.portal.folder.rglob("*.log")))
    assert b"Traceback" in logs, "an error was to be logged before"
    loot.add("reads the logs", target.seen_in(logs))
    held = _broker(target)
    loot.add("reads the broker and the cache", target.seen_in(held))
    loot.add("opens links found there", _open(target, set(_TOKEN.findall(logs + held))))
    return loot


def _broker(target: Target) -> bytes:
    """Every value that can be read as it is, of every key; other kinds by their parts."""
    with redis.Redis.from_url(redis_cache_url(target.portal.redis_url)) as client:
        parts: list[bytes] = []
        for key in client.scan_iter(count=1000):
            parts.append(key)
            kind = client.type(key)
            if kind == b"string":
                parts.append(client.get(key) or b"")
            elif kind == b"list":
                parts += client.lrange(key, 0, -1)
        return b"\n".join(parts)


def _open(target: Target, tokens: set[bytes]) -> set[str]:
    opened = set()
    for token in tokens:
        for kind in _LINKS:
            try:
                with urlopen(f"{target.portal.url}/{kind}/{token.decode()}/", timeout=20) as answer:
                    if "expired" not in answer.url:
                        opened.add(f"/{kind}/")
            except HTTPError:
                continue
    return opened
