"""How sending stands, read so that finished rows cost nothing however many there are.

What waits comes from the partial indexes of unfinished rows, what was done from the counts by the
minute. Lanes are their numbers, channels and providers their keys.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import cache
from django.db import connection

from notifications.channels.installed import channel_names
from notifications.enums import Lane
from notifications.providers import providers_of
from notifications.standing import ProviderStand
from notifications.watching.enums import Result
from notifications.watching.heartbeats import Hearts, hearts

MINUTES = 60
# A reading is shown again for so many seconds, or for so many times as long as it took: a queue of
# millions takes seconds to count, and looking must never be what the database is busy with.
_FRESH_SECONDS = 3.0
_FRESH_TIMES = 20
_CACHE_KEY = "notifications.reading"

WAITING_SQL = """
SELECT lane, channel, state, held, count(*), count(*) FILTER (
    WHERE NOT held AND due_at <= statement_timestamp() AND state IN ('queued', 'uncertain'))
FROM notifications_delivery WHERE due_at IS NOT NULL
GROUP BY lane, channel, state, held
"""

OLDEST_SQL = """
SELECT lanes.lane, extract(epoch FROM statement_timestamp() - oldest.due_at)::float8
FROM unnest(%s::int[]) AS lanes (lane), LATERAL (
    SELECT due_at FROM notifications_delivery AS d
    WHERE d.lane = lanes.lane AND NOT d.held AND d.due_at <= statement_timestamp()
        AND d.state IN ('queued', 'uncertain')
    ORDER BY d.due_at LIMIT 1) AS oldest
"""

MINUTES_SQL = """
SELECT minute, provider, lane, result, code, sum(number)::bigint
FROM notifications_providerminute
WHERE minute > statement_timestamp() - %s * interval '1 minute'
GROUP BY minute, provider, lane, result, code ORDER BY minute
"""

_TOTALS = """
SELECT provider, result, code, sum(number)::bigint
FROM notifications_providerminute GROUP BY provider, result, code ORDER BY 1, 2, 3
"""


@dataclass(slots=True, frozen=True)
class Waiting:
    """Unfinished rows of one lane, channel and state; `due` of them should be sent by now."""

    lane: int
    channel: str
    state: str
    held: bool
    number: int
    due: int


@dataclass(slots=True, frozen=True)
class Counted:
    """So many results of one kind in the minute that began at `minute`."""

    minute: dt.datetime
    provider: str
    lane: int
    result: str
    code: str
    number: int

    @property
    def channel(self) -> str:
        return self.provider.partition(".")[0]


@dataclass(slots=True, frozen=True)
class Total:
    """So many since the portal began."""

    provider: str
    result: str
    code: str
    number: int


@dataclass(slots=True, frozen=True)
class Stand:
    """What the engine holds against a provider: its circuit is open, or it asked for a rest."""

    key: str
    is_open: bool
    failures: int
    again_at: dt.datetime | None
    rests_until: dt.datetime | None


@dataclass(slots=True, frozen=True)
class Reading:
    """One look at everything. `oldest` is in seconds, by lane, of what is due."""

    at: dt.datetime
    waiting: tuple[Waiting, ...]
    oldest: dict[int, float]
    minutes: tuple[Counted, ...]
    stands: tuple[Stand, ...]
    hearts: Hearts

    def lately(self, minutes: int) -> tuple[Counted, ...]:
        """The counts of this minute and of so many whole ones before."""
        since = self.at.replace(second=0, microsecond=0) - dt.timedelta(minutes=minutes)
        return tuple(one for one in self.minutes if one.minute >= since)


def number_of(counts: Iterable[Counted], *results: Result) -> int:
    return sum(one.number for one in counts if one.result in results)


def read() -> Reading:
    """Look now."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING_SQL)
        waiting = tuple(Waiting(*row) for row in cursor.fetchall())
        cursor.execute(OLDEST_SQL, [[lane.value for lane in Lane]])
        oldest = dict(cursor.fetchall())
        cursor.execute(MINUTES_SQL, [MINUTES])
        minutes = tuple(Counted(*row) for row in cursor.fetchall())
        cursor.execute("SELECT statement_timestamp()")
        at = cursor.fetchone()[0]
    return Reading(at, waiting, oldest, minutes, _stands(), hearts())


def _stands() -> tuple[Stand, ...]:
    return tuple(
        Stand(one.key, one.opened > 0, one.failures, one.open_until, one.rests_until)
        for one in ProviderStand.objects.order_by("key")
    )


def read_lately() -> Reading:
    """As it stood a few seconds ago: however many look, the database is asked once."""
    found = cache.get(_CACHE_KEY)
    if not isinstance(found, Reading):
        began = time.monotonic()
        found = read()
        took = time.monotonic() - began
        cache.set(_CACHE_KEY, found, max(_FRESH_SECONDS, _FRESH_TIMES * took))
    return found


def provider_keys(reading: Reading) -> list[str]:
    """Every provider that is described, was used within the hour, or is held something against."""
    described = {provider.key for channel in channel_names() for provider in providers_of(channel)}
    used = {one.provider for one in reading.minutes if one.provider}
    return sorted(described | used | {one.key for one in reading.stands})


def totals() -> list[Total]:
    """Since the portal began: what was counted a week ago is kept as one row of each kind."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS)
        return [Total(*row) for row in cursor.fetchall()]
