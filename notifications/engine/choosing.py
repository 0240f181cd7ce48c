"""Which provider each row goes to: one that stands, and no faster than agreed.

What is known of a provider stands in one row for all workers (notifications/standing.py) and is
read again before each slice. Every statement here is short and by itself; times are the database's.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from notifications.channels.ports import Fault, Outcome, Verdict
from notifications.engine import limits
from notifications.engine.recording import RESENT
from notifications.enums import Lane
from notifications.models import Delivery
from notifications.providers import Provider, providers_of

_READ = """
SELECT key, failures, opened,
    GREATEST(extract(epoch FROM open_until - statement_timestamp()), 0)::float8,
    GREATEST(extract(epoch FROM trial_until - statement_timestamp()), 0)::float8,
    GREATEST(extract(epoch FROM rests_until - statement_timestamp()), 0)::float8
FROM notifications_providerstand
"""

# Whoever gets a row back may try it; a worker that dies over it is forgotten with its lease.
_TRY = """
UPDATE notifications_providerstand
SET trial_until = statement_timestamp() + %s * interval '1 second'
WHERE key = %s AND opened > 0 AND open_until <= statement_timestamp()
    AND (trial_until IS NULL OR trial_until <= statement_timestamp())
    AND (rests_until IS NULL OR rests_until <= statement_timestamp())
RETURNING key
"""

_STAND = """
INSERT INTO notifications_providerstand (key, failures, opened, tokens)
VALUES (%s, 0, 0, 0) ON CONFLICT (key) DO NOTHING
"""

# What comes back late from before the circuit opened does not open it any further.
_REPORT = """
UPDATE notifications_providerstand SET
    failures = CASE WHEN %(worked)s THEN 0 ELSE failures + %(failed)s END,
    opened = CASE WHEN %(worked)s THEN 0
        WHEN %(reopens)s OR opened = 0 AND failures + %(failed)s >= %(many)s
            THEN LEAST(opened + 1, 100)
        ELSE opened END,
    open_until = CASE WHEN %(worked)s THEN NULL
        WHEN %(reopens)s OR opened = 0 AND failures + %(failed)s >= %(many)s
            THEN statement_timestamp() + LEAST(
                %(first)s * power(2, LEAST(opened, 10)), %(longest)s
            ) * (0.75 + random() / 4) * interval '1 second'
        ELSE open_until END,
    trial_until = CASE WHEN %(worked)s OR %(ends_trial)s THEN NULL ELSE trial_until END,
    rests_until = GREATEST(
        rests_until, statement_timestamp() + %(rest)s::float8 * interval '1 second')
WHERE key = %(key)s
"""

# Tokens come by themselves; what is booked is the time until which turns are given out already.
# clock_timestamp(), for a worker may have waited here for another one's turn.
_TAKE = """
WITH seen AS (
    SELECT key, {booked} AS booked, clock_timestamp() AS at,
        CASE WHEN filled_at IS NULL THEN %(most)s ELSE LEAST(%(most)s, tokens + %(rate)s
            * GREATEST(extract(epoch FROM clock_timestamp() - filled_at), 0)) END AS level
    FROM notifications_providerstand WHERE key = %(key)s FOR UPDATE
), given AS (
    SELECT *, GREATEST(floor(LEAST(%(wanted)s, level - %(kept)s)), 0) AS number,
        GREATEST(booked, at) AS turns_from
    FROM seen
)
UPDATE notifications_providerstand AS s
SET tokens = given.level - given.number, filled_at = given.at,
    {booked} = CASE WHEN given.number < %(wanted)s
        THEN LEAST(given.turns_from + (%(wanted)s - given.number) / %(rate)s * interval '1 second',
            given.at + %(horizon)s * interval '1 second')
        ELSE given.booked END
FROM given WHERE s.key = given.key
RETURNING given.number::int, extract(epoch FROM given.turns_from - given.at)::float8
"""


_NEVER = float("-inf")


@dataclass(slots=True, frozen=True)
class Stand:
    """What was read of one provider. Times are in seconds from then on."""

    failures: int = 0
    opened: int = 0
    open_for: float = 0.0
    trial_for: float = 0.0
    rests_for: float = 0.0

    @property
    def is_fallen(self) -> bool:
        """Its circuit is open, or half-open: it takes no letters but those of a trial."""
        return self.opened > 0

    @property
    def stands(self) -> bool:
        return not self.is_fallen and self.rests_for <= 0

    @property
    def may_be_tried(self) -> bool:
        return self.is_fallen and max(self.open_for, self.trial_for, self.rests_for) <= 0

    @property
    def wait(self) -> float:
        """Seconds until it is worth another look."""
        trial = min(self.trial_for, limits.TRIAL_LOOK_SECONDS)
        return max(self.open_for, trial, self.rests_for)


@dataclass(slots=True)
class Choice:
    """A claimed batch: who carries each row, and which have to wait for how many seconds."""

    providers: dict[UUID, Provider] = field(default_factory=dict)
    waiting: dict[UUID, float] = field(default_factory=dict)


class Stands:
    """What one drain knows of the providers, and what it has found out itself."""

    def __init__(self) -> None:
        self._known: dict[str, Stand] = {}
        self._read_at = _NEVER
        self._trials: set[str] = set()

    def refresh(self) -> None:
        """Read what all workers have found out, unless that was a moment ago."""
        if time.monotonic() - self._read_at < limits.STANDS_READ_EVERY_SECONDS:
            return
        with connection.cursor() as cursor:
            cursor.execute(_READ)
            self._known = {
                key: Stand(failures, opened, open_for or 0.0, trial_for or 0.0, rests_for or 0.0)
                for key, failures, opened, open_for, trial_for, rests_for in cursor.fetchall()
            }
        self._read_at = time.monotonic()

    def of(self, key: str) -> Stand:
        return self._known.get(key, Stand())

    def may_carry(self, key: str) -> bool:
        """Whether what was prepared for this provider may still be begun."""
        return self.of(key).stands or (key in self._trials and self.of(key).rests_for <= 0)

    def another_than(self, key: str) -> bool:
        """Whether another provider of the same channel stands."""
        channel = key.partition(".")[0]
        return any(one.key != key and self.of(one.key).stands for one in providers_of(channel))

    def choose(self, rows: Sequence[Delivery]) -> Choice:
        """A provider for each row. A row whose channel nobody carries is in neither answer."""
        self._read_at = _NEVER
        self.refresh()
        choice = Choice()
        on_trial: dict[str, int] = {}
        described = {channel: providers_of(channel) for channel in {row.channel for row in rows}}
        # The least urgent try a provider that was down; whatever comes of it costs them the least.
        for row in reversed(rows):
            ordered = _ordered(row, described[row.channel])
            chosen = self._first(ordered, on_trial)
            if chosen is not None:
                choice.providers[row.pk] = chosen
            elif ordered:
                wait = min(self.of(one.key).wait for one in ordered)
                choice.waiting[row.pk] = _spread(max(wait, limits.SHORTEST_WAIT_SECONDS))
        self._take_tokens(rows, choice)
        return choice

    def _first(self, ordered: Sequence[Provider], on_trial: dict[str, int]) -> Provider | None:
        for provider in ordered:
            key = provider.key
            if self.of(key).stands:
                return provider
            if self.of(key).may_be_tried and key not in on_trial:
                on_trial[key] = limits.TRIAL if self._may_try(key) else 0
            if on_trial.get(key, 0) > 0:
                on_trial[key] -= 1
                return provider
        return None

    def _may_try(self, key: str) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(_TRY, [limits.LEASE_SECONDS, key])
            taken = cursor.fetchone() is not None
        if taken:
            self._trials.add(key)
        return taken

    def _take_tokens(self, rows: Sequence[Delivery], choice: Choice) -> None:
        asking: dict[tuple[Provider, bool], list[UUID]] = defaultdict(list)
        for row in rows:
            provider = choice.providers.get(row.pk)
            if provider is not None and provider.per_second:
                asking[provider, row.lane == Lane.ADVICE].append(row.pk)
        for (provider, is_advice), ids in sorted(asking.items(), key=lambda item: item[0][1]):
            rate = provider.per_second or 0.0
            given, start = self._take(provider.key, rate, len(ids), is_advice=is_advice)
            for place, row_id in enumerate(ids[given:], start=1):
                del choice.providers[row_id]
                turn = start + place / rate
                choice.waiting[row_id] = min(turn, _spread(limits.TURNS_AHEAD_SECONDS))

    def _take(self, key: str, rate: float, wanted: int, *, is_advice: bool) -> tuple[int, float]:
        """Take tokens: how many, and in how many seconds the turns of the others begin.

        Advice leaves half of the tokens, so that a notice or a code finds some at once.
        """
        most = max(rate * limits.TOKENS_SECONDS, 2.0)
        column = "advice_booked_until" if is_advice else "booked_until"
        with connection.cursor() as cursor:
            if key not in self._known:
                cursor.execute(_STAND, [key])
            cursor.execute(
                _TAKE.format(booked=column),
                {
                    "key": key,
                    "rate": rate,
                    "most": most,
                    "kept": most / 2 if is_advice else 0.0,
                    "wanted": wanted,
                    "horizon": limits.TURNS_AHEAD_SECONDS,
                },
            )
            given, start = cursor.fetchone()
        return given, start

    def report(self, outcomes: Iterable[tuple[str, Outcome]]) -> None:
        """Tell all workers what came of attempts: (key of the provider, outcome) for each."""
        by_key: dict[str, list[Outcome]] = defaultdict(list)
        for key, outcome in outcomes:
            by_key[key].append(outcome)
        for key, group in sorted(by_key.items()):
            self._report(key, group)

    def _report(self, key: str, outcomes: Sequence[Outcome]) -> None:
        rest = max((asked for one in outcomes if (asked := _asks_rest(one))), default=None)
        worked = any(map(_shows_it_works, outcomes))
        failed = sum(map(_shows_it_fails, outcomes))
        known = self.of(key)
        if rest is None and not failed and not (worked and (known.failures or known.opened)):
            return
        ends_trial = key in self._trials
        self._trials.discard(key)
        with connection.cursor() as cursor:
            cursor.execute(_STAND, [key])
            cursor.execute(
                _REPORT,
                {
                    "key": key,
                    "worked": worked,
                    "failed": failed,
                    "ends_trial": ends_trial,
                    "reopens": ends_trial and failed > 0,
                    "rest": rest,
                    "many": limits.FAILURES_TO_OPEN,
                    "first": limits.FIRST_OPEN_SECONDS,
                    "longest": limits.LONGEST_OPEN_SECONDS,
                },
            )
        self._read_at = _NEVER


def _ordered(row: Delivery, providers: tuple[Provider, ...]) -> tuple[Provider, ...]:
    """As the operator prefers them, but after a failed attempt the next one, and in a doubt that
    is to be sent again the same: only it knows the key."""
    if not row.provider or len(providers) < 2:
        return providers
    keys = [provider.key for provider in providers]
    if row.provider not in keys:
        return providers
    start = keys.index(row.provider) + (row.error_code != RESENT)
    return (*providers[start:], *providers[:start])


def _asks_rest(outcome: Outcome) -> float | None:
    return None if outcome.fault is Fault.RECIPIENT else outcome.retry_after


def _shows_it_works(outcome: Outcome) -> bool:
    """It took the letter, or told us something about the recipient."""
    return outcome.verdict in {Verdict.ACCEPTED, Verdict.FAILED} or (
        outcome.fault is Fault.RECIPIENT
    )


def _shows_it_fails(outcome: Outcome) -> bool:
    """Not one that asks for a rest: it is there, and is given that rest."""
    is_open = outcome.verdict in {Verdict.RETRY, Verdict.UNCERTAIN}
    return is_open and outcome.fault is Fault.PROVIDER and not outcome.retry_after


def _spread(seconds: float) -> float:
    """A little later, each by another bit: who waits together does not come back together."""
    return seconds * random.uniform(1.0, 1.2) + random.uniform(0.0, 0.2)  # noqa: S311  # nosec
