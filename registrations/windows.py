"""A window of instants, as the calendar days of every time zone. No database is asked."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, Case, CharField, DateField, F, Func, Value, When


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
        return self.start.astimezone(dt.UTC).date() - dt.timedelta(days=2)

    @property
    def latest(self) -> dt.date:
        return self.end.astimezone(dt.UTC).date() + dt.timedelta(days=2)

    def first_day(self, *, shift: dt.timedelta = dt.timedelta()) -> Case:
        """The place's calendar day on which the window starts, as an expression over a stay."""
        return _local_day(self.start, shift)

    def last_day(self, *, shift: dt.timedelta = dt.timedelta()) -> Case:
        return _local_day(self.end, shift)


def _local_day(instant: dt.datetime, shift: dt.timedelta) -> Case:
    # Python's own time zones decide, not the server's: a zone that an older PostgreSQL has not
    # heard of would fail the whole query.
    utc_day = instant.astimezone(dt.UTC).date()
    whens = [
        When(_one_of(zones), then=Value(day + shift, output_field=DateField()))
        for day, zones in _zones_by_day(instant.astimezone(dt.UTC).replace(microsecond=0)).items()
        if day != utc_day
    ]
    return Case(
        *whens,
        default=Value(utc_day + shift, output_field=DateField()),
        output_field=DateField(),
    )


def _one_of(zones: list[str]) -> Func:
    """A stay's zone is one of these: as one array, since hundreds of values take long to plan."""
    return Func(
        F("time_zone"),
        Value(zones, output_field=ArrayField(CharField())),
        template="(%(expressions)s))",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


@lru_cache(maxsize=64)
def _zones_by_day(instant: dt.datetime) -> dict[dt.date, list[str]]:
    days: dict[dt.date, list[str]] = defaultdict(list)
    for name in sorted(zoneinfo.available_timezones()):
        days[instant.astimezone(zoneinfo.ZoneInfo(name)).date()].append(name)
    return dict(days)
