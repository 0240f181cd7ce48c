"""Saved stays as answers again, as words, and as a timeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils import timezone

from geography.cells import centres
from registrations.actions.leaving import local_day
from registrations.answers import StayAnswer
from registrations.enums import Precision
from registrations.models import OPEN_END, Person, Stay

# A stay without an end is drawn so far beyond the last day that is known.
_BEYOND = dt.timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Bar:
    """One stay in the picture, in percent of its width; `tone` as the bars of the components."""

    offset: float
    width: float
    row: int
    tone: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """`today` is in percent of the width. `height` in pixels."""

    bars: list[Bar]
    today: float
    height: int
    starts_on: dt.date
    ends_on: dt.date | None


def stay_answer(stay: Stay) -> StayAnswer:
    """What was answered, as far as it is kept: of a pin only the middle of its cell."""
    pin = stay.cell is not None and stay.precision == Precision.PIN
    latitude, longitude = centres(np.array([stay.cell]))[0].tolist() if pin else (None, None)
    return StayAnswer(
        kind=stay.kind,
        precision=stay.precision,
        starts_on=stay.starts_on,
        ends_on=stay.ends_on,
        country=stay.country,
        place_id=stay.place_id,
        cell=stay.cell,
        admin1=stay.admin1,
        time_zone=stay.time_zone,
        exact_address=stay.exact_address or "",
        purpose=stay.purpose,
        aboard_or_with=stay.aboard_or_with or "",
        latitude=latitude,
        longitude=longitude,
    )


def stay_answers(person: Person) -> tuple[StayAnswer, ...]:
    return tuple(stay_answer(stay) for stay in person.stays.order_by("starts_on", "pk"))


def when_of(stay: Stay, now: dt.datetime | None = None) -> str:
    """past, now or coming, by the calendar of the place; whoever has left is there no more."""
    today = local_day(stay, now or timezone.now())
    if stay.ends_on < today or (stay.planned_end is not None and stay.ends_on <= today):
        return "past"
    return "coming" if stay.starts_on > today else "now"


_TONES = {"past": "quiet", "now": "success", "coming": "main"}


def timeline_of(stays: Sequence[Stay], now: dt.datetime | None = None) -> Timeline | None:
    """The stays on one axis, today on it too; None without stays."""
    if not stays:
        return None
    today = (now or timezone.now()).date()
    first = min([today, *(stay.starts_on for stay in stays)])
    ends = [stay.ends_on for stay in stays if stay.ends_on != OPEN_END]
    last = max([today, *ends, *(stay.starts_on for stay in stays)])
    is_open = len(ends) < len(stays)
    if is_open:
        last += max(_BEYOND, (last - first) / 6)
    days = (last - first).days + 1

    def share(day: dt.date) -> float:
        return round(100 * (day - first).days / days, 2)

    bars = []
    for row, stay in enumerate(stays):
        end = min(stay.ends_on, last)
        width = max(round(100 * ((end - stay.starts_on).days + 1) / days, 2), 1.5)
        offset = min(share(stay.starts_on), 100 - width)
        bars.append(Bar(offset, width, 4 + 22 * row, _TONES[when_of(stay, now)]))
    return Timeline(bars, share(today), 22 * len(stays) + 6, first, None if is_open else last)


def in_order(stays: Iterable[Stay], now: dt.datetime | None = None) -> list[dict[str, Any]]:
    """Each stay with whether it is past, now or coming: now first, then what comes, then past."""
    rank = {"now": 0, "coming": 1, "past": 2}
    found = [{"stay": stay, "when": when_of(stay, now)} for stay in stays]
    return sorted(
        found, key=lambda item: (rank[item["when"]], item["stay"].starts_on, item["stay"].pk)
    )
