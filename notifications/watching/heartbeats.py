"""Heartbeats: the scheduler's, stamped by its own process; the workers', by each task that sends.

Times are the database's, so that a machine whose clock is wrong is neither dead nor immortal.
"""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection

from notifications.watching.enums import Heart
from notifications.watching.models import COUNTS_KEPT

# The scheduler beats at least every ten seconds and has a worker called as often. A worker may be
# busy with something long for a while, and another then beats for it.
SILENT_AFTER: dict[Heart, float] = {Heart.SCHEDULER: 60.0, Heart.WORKER: 120.0}
_SELDOM = 4.0

# The row is written when it is old, so that a hundred tasks a second write it once.
_BEAT = """
INSERT INTO notifications_heartbeat AS h (name, machine, beaten_at)
VALUES (%s, %s, statement_timestamp())
ON CONFLICT (name, machine) DO UPDATE SET beaten_at = excluded.beaten_at
    WHERE h.beaten_at <= excluded.beaten_at - %s * interval '1 second'
"""

_EXPECT = """
INSERT INTO notifications_heartbeat (name, machine, beaten_at)
SELECT name, '', statement_timestamp() FROM unnest(%s::text[]) AS wanted (name)
WHERE NOT EXISTS (SELECT 1 FROM notifications_heartbeat AS h WHERE h.name = wanted.name)
ON CONFLICT (name, machine) DO NOTHING
"""

_HEARTS = """
SELECT name, max(beaten_at), extract(epoch FROM statement_timestamp() - max(beaten_at))::float8,
    count(*) FILTER (
        WHERE machine <> '' AND beaten_at > statement_timestamp() - interval '2 minutes')
FROM notifications_heartbeat GROUP BY name
"""

# Never the last of its name: it says since when there is silence.
_FORGET = """
DELETE FROM notifications_heartbeat AS h
WHERE beaten_at < statement_timestamp() - %s * interval '1 day' AND EXISTS (
    SELECT 1 FROM notifications_heartbeat AS newer
    WHERE newer.name = h.name AND newer.beaten_at > h.beaten_at)
"""


@dataclass(slots=True, frozen=True)
class Beat:
    """The newest beat of one name: when, how many seconds ago, and on how many machines lately."""

    at: dt.datetime
    age: float
    machines: int


Hearts = Mapping[Heart, Beat]


def beat(name: Heart) -> None:
    """Say that this machine's part of the portal is alive."""
    _stamp(name, socket.gethostname()[:64], _SELDOM)


def take_turn(name: Heart, *, seconds: float) -> bool:
    """Whether nobody on any machine did this within so many seconds; then the turn is ours."""
    return _stamp(name, "", seconds)


def _stamp(name: Heart, machine: str, seconds: float) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_BEAT, [name.value, machine, seconds])
        return bool(cursor.rowcount)


def expect() -> None:
    """Whoever was never heard is silent from now on: a scheduler that nobody started is missed."""
    with connection.cursor() as cursor:
        cursor.execute(_EXPECT, [[name.value for name in SILENT_AFTER]])


def hearts() -> Hearts:
    with connection.cursor() as cursor:
        cursor.execute(_HEARTS)
        known = set(Heart)
        return {Heart(name): Beat(*found) for name, *found in cursor.fetchall() if name in known}


def silent(found: Hearts) -> dict[Heart, Beat]:
    """Those who should have beaten since. Workers are not missed while nobody calls them."""
    late = {
        name: found[name]
        for name, seconds in SILENT_AFTER.items()
        if name in found and found[name].age > seconds
    }
    if Heart.SCHEDULER in late:
        late.pop(Heart.WORKER, None)
    return late


def forget_old() -> None:
    """Drop machines that were last heard of a week ago."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [COUNTS_KEPT.days])
