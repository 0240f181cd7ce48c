"""A window of instants, as the calendar days of every time zone. No database is asked."""

from __future__ import annotations

import datetime as dt
import json
import zoneinfo
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import BooleanField, F, Func

_ONE = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """From one instant to another, both aware and both inclusive."""

    start: dt.datetime
    end: dt.datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("A window needs aware instants.")
        if self.end < self.start:
            raise ValueError("A window ends after it starts.")

    @property
    def earliest(self) -> dt.date:
        """No place that the window touches, nor the day more, lies before this day."""
        return self.start.astimezone(dt.UTC).date() - 2 * _ONE

    @property
    def latest(self) -> dt.date:
        return self.end.astimezone(dt.UTC).date() + 2 * _ONE

    def from_first_day(self, day: str, *, shift: dt.timedelta = dt.timedelta()) -> DayOfPlace:
        """True of stays whose `day` is the window's first one by their place's calendar, or later.

        That first day may be taken `shift` later.
        """
        return DayOfPlace(day, ">=", self.start, shift)

    def until_last_day(self, day: str, *, shift: dt.timedelta = dt.timedelta()) -> DayOfPlace:
        """True of stays whose `day` is the window's last one by their place's calendar, or
        earlier."""
        return DayOfPlace(day, "<=", self.end, shift)


class DayOfPlace(Func):
    """Whether a stay's day lies on or beyond that of an instant, as the stay's place counts it.

    Python's own time zones decide, not the server's: a zone that an older PostgreSQL has not heard
    of would fail the whole query. What the calendar of no zone can change is compared first, so
    that hardly a row looks for its zone among hundreds.
    """

    output_field = BooleanField()

    def __init__(self, day: str, beyond: str, instant: dt.datetime, shift: dt.timedelta) -> None:
        super().__init__(F(day), F("time_zone"))
        self.beyond = beyond
        self.extra["moment"] = (instant, shift)

    def as_sql(
        self, compiler: Any, connection: Any, *_parts: Any, **_context: Any
    ) -> tuple[str, Any]:
        (day, _), (zone, _) = map(compiler.compile, self.get_source_expressions())
        return beyond_day(day, zone, self.beyond, *self.extra["moment"])


def beyond_day(
    day: str,
    zone: str,
    beyond: str,
    instant: dt.datetime,
    shift: dt.timedelta = dt.timedelta(),
) -> tuple[str, list[Any]]:
    """SQL, and its parameters, that asks whether a day lies on or beyond (">=" or "<=") that of
    an instant in a time zone; `day` and `zone` are columns."""
    utc_day = instant.astimezone(dt.UTC).date() + shift
    ahead, behind = _zones_apart(instant.astimezone(dt.UTC).replace(microsecond=0))
    # For whom the day must lie further beyond than in UTC, and for whom less far.
    further, nearer = (ahead, behind) if beyond == ">=" else (behind, ahead)
    step = _ONE if beyond == ">=" else -_ONE
    sql = (
        f"({day} {beyond} %s"
        f" OR ({day} {beyond} %s AND NOT jsonb_exists(%s::jsonb, {zone}))"
        f" OR ({day} {beyond} %s AND jsonb_exists(%s::jsonb, {zone})))"
    )
    return sql, [utc_day + step, utc_day, further, utc_day - step, nearer]


@lru_cache(maxsize=64)
def _zones_apart(instant: dt.datetime) -> tuple[str, str]:
    """The zones in which it is already the next day of UTC's, and those in which still the one
    before, as the keys of JSON objects: PostgreSQL looks one up among hundreds, and its planner
    does not try each of them on its statistics, as it does an array's."""
    utc_day = instant.date()
    days = {
        name: instant.astimezone(zoneinfo.ZoneInfo(name)).date()
        for name in sorted(zoneinfo.available_timezones())
    }
    ahead = [name for name, day in days.items() if day > utc_day]
    behind = [name for name, day in days.items() if day < utc_day]
    return json.dumps(dict.fromkeys(ahead, 1)), json.dumps(dict.fromkeys(behind, 1))
