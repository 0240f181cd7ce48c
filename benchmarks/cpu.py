"""Where the processor's time goes: the seconds each part of the portal has used so far."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection

from micic_portal.environment import redis_cache_url

_TICKS = os.sysconf("SC_CLK_TCK")


def server_processes() -> dict[str, int]:
    """The processes of the database and the broker, where they run on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    with redis.Redis.from_url(redis_cache_url(settings.REDIS_URL)) as client:
        broker = int(client.info("server")["process_id"])
    found = {"broker": broker}
    fields = _fields(backend)
    if fields:
        found["database"] = int(fields[1])  # the parent of every session's process
    return found


def used(roots: Mapping[str, int]) -> dict[str, float]:
    """Seconds of processor time, user's and system's, of each root with all its descendants."""
    parents: dict[int, int] = {}
    seconds: dict[int, float] = {}
    for folder in Path("/proc").iterdir():
        fields = _fields(int(folder.name)) if folder.name.isdigit() else None
        if fields:
            parents[int(folder.name)] = int(fields[1])
            # Its own time, and that of the children it has already buried.
            seconds[int(folder.name)] = sum(map(int, fields[11:15])) / _TICKS
    totals = dict.fromkeys(roots, 0.0)
    names = {process: name for name, process in roots.items()}
    for process, spent in seconds.items():
        ancestor = process
        while ancestor in parents and ancestor not in names:
            ancestor = parents[ancestor]
        if ancestor in names:
            totals[names[ancestor]] += spent
    return totals


def _fields(process: int) -> list[str] | None:
    """What the kernel tells of a process, from its state on; None when it has ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
