"""Several stays of one person: which they have moved on from, and which they said they left."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import BooleanField, F, Func, Q
from django.utils import timezone

from geography.regions import NO_REGION
from registrations.enums import Precision, StayKind
from registrations.windows import Window, beyond_day

_ONE = dt.timedelta(days=1)
_NOWHERE = ", ".join(f"'{code}'" for code in NO_REGION)

# As far as both say: in another country, region or town, or at another point.
_ELSEWHERE = f"""
    stage.country <> own.country
    OR (stage.admin1 <> own.admin1
        AND stage.admin1 NOT IN ({_NOWHERE}) AND own.admin1 NOT IN ({_NOWHERE}))
    OR stage.place_id <> own.place_id
    OR (stage.precision = '{Precision.PIN.value}' AND own.precision = '{Precision.PIN.value}'
        AND stage.cell <> own.cell)"""

# The stay is found again by its person and days, which the covering indexes hold: looking it up by
# its key would send every stay of an area to the table. Another of the same days may keep it,
# never drop it. BETWEEN says "equal" in words that PostgreSQL cannot turn into a hash table of
# every stay there is. East of the date line a day has begun that the stage before it has not
# seen: so much earlier than its end may the next have begun.
_STILL_THERE = f"""(
{{ends_on}} > %s OR EXISTS (
    SELECT 1 FROM registrations_stay own
    WHERE own.person_id = {{person}}
        AND own.starts_on BETWEEN {{starts_on}} AND {{starts_on}}
        AND own.ends_on BETWEEN {{ends_on}} AND {{ends_on}}
        AND (own.planned_end IS NULL OR own.ends_on >= %s)
        AND ({{goes_on}} OR NOT EXISTS (
            SELECT 1 FROM registrations_stay stage
            WHERE stage.person_id = own.person_id AND stage.planned_end IS NULL
                AND (stage.kind <> '{StayKind.RESIDENCE.value}'
                    OR stage.starts_on >= own.ends_on - 1)
                AND ({_ELSEWHERE})
                AND NOT {{begins_later}} AND {{stage_goes_on}}))))"""  # noqa: S608


class StillThere(Func):
    """A condition on stays that touch a window: the person is not known to be gone from there.

    Gone is who said that they have left, once the window reaches that day; and who has moved on:
    the stay ended before the window (it matches by the day's doubt, or as expired) while another
    of theirs, elsewhere, has begun when the window does and goes on into it, by the calendar of
    that place. Stays that overlap in the window count in both places. A residence begun earlier
    is no stage of a journey: who lives elsewhere may still be here.

    Only stays that end before the window, or by tomorrow, are asked about, so that the many others
    cost nothing. Written out: Django takes longer to build such a query than PostgreSQL to answer.
    """

    output_field = BooleanField()

    def __init__(self, window: Window) -> None:
        super().__init__(F("ends_on"), F("starts_on"), F("person_id"))
        self.extra["window"] = window

    def as_sql(
        self, compiler: Any, connection: Any, *_parts: Any, **_context: Any
    ) -> tuple[str, Any]:
        window: Window = self.extra["window"]
        ends_on, starts_on, person = (
            compiler.compile(column)[0] for column in self.get_source_expressions()
        )
        begins = window.start.astimezone(dt.UTC).date()
        doubtful_until = max(begins, timezone.now().astimezone(dt.UTC).date()) + _ONE
        goes_on, day = beyond_day("own.ends_on", "own.time_zone", ">=", window.start)
        # Begun by the first day, and not over before it.
        begins_later, later_day = beyond_day(
            "stage.starts_on", "stage.time_zone", ">=", window.start, _ONE
        )
        stage_goes_on, _day = beyond_day("stage.ends_on", "stage.time_zone", ">=", window.start)
        sql = _STILL_THERE.format(
            ends_on=ends_on,
            starts_on=starts_on,
            person=person,
            goes_on=goes_on,
            begins_later=begins_later,
            stage_goes_on=stage_goes_on,
        )
        return sql, [doubtful_until, _left_before(window), *day, *later_day, *day]


def has_left(window: Window) -> Q:
    """A condition on stays: the person said that they left it, before the window's end."""
    return Q(planned_end__isnull=False, ends_on__lt=_left_before(window))


def _left_before(window: Window) -> dt.date:
    """Who ended a stay early, with an end before this day, has left it as far as the window goes.

    Of a window that is over, only who left before its last day, wherever that was.
    """
    if window.end >= timezone.now():
        return dt.date.max
    return window.end.astimezone(dt.UTC).date() - _ONE
