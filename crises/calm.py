"""Counting people while no crisis is open: whole hexagons, round numbers, and nothing else.

Every answer, to whatever drawing, is a sum of entries of one table that no drawing can change: how
many people are counted in each hexagon of a fixed size and each country, rounded down to multiples
of settings.SMALLEST_CELL. Each person is in one entry, whichever area is asked about. So whatever
answers are compared, added or subtracted, they tell that table and no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection
from django.db.models import Case, F, When
from django.db.models.expressions import RawSQL
from django.utils import timezone

from crises.density import Hexagon, named, parent_sql, span, widened
from geography.areas import Area
from geography.cells import in_ranges
from registrations.enums import ConsentPurpose, Precision
from registrations.models import Stay

# About 250 square kilometres: H3 resolution 5. Never by the size of the drawing: where hexagons of
# two sizes lie over one another, the larger less the smaller ones would tell of a few people.
RESOLUTION = 5
WINDOW = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class CalmCount:
    """At least so many people, in hexagons of at least settings.SMALLEST_CELL people each."""

    people: int
    hexagons: tuple[Hexagon, ...]
    # Equal for all drawings that touch the same hexagons.
    digest: str


def calm_count(area: Area, *, countries: Collection[str] | None) -> CalmCount:
    """Count those who stay in a hexagon that the area touches, now or within the next 72 hours.

    Only in these countries (ISO codes; None: in all) and at sea.
    """
    ranges = widened(area.cover.ranges, RESOLUTION)
    asked = None if countries is None else {*countries, ""}
    counts: Counter[int] = Counter()
    for hexagon, country, people in _entries(ranges):
        if asked is None or country in asked:
            counts[hexagon] += people
    return CalmCount(
        people=sum(counts.values()),
        hexagons=tuple(named(counts)),
        digest=sha256(repr(ranges).encode()).hexdigest(),
    )


def _entries(ranges: list[tuple[int, int]]) -> list[tuple[int, str, int]]:
    """The entries of the table that lie in the ranges: hexagon, country and rounded number."""
    low, high = [first for first, _last in ranges], [last for _first, last in ranges]
    homes, homes_params = _homes().query.sql_with_params()
    statement = _CALM.format(homes=homes, hexagon=parent_sql("cell", RESOLUTION))
    smallest = settings.SMALLEST_CELL
    with connection.cursor() as cursor:
        cursor.execute(
            statement, [low, high, low, high, *homes_params, smallest, smallest, smallest]
        )
        rows = cursor.fetchall()
    if not rows:
        return []
    # The homes of people who only pass through the ranges lie elsewhere.
    first = np.array([span(hexagon)[0] for hexagon, _country, _people in rows], dtype=np.int64)
    within = in_ranges(tuple(ranges), first)
    return [row for row, is_within in zip(rows, within, strict=True) if is_within]


def _homes() -> Any:
    """For everybody in `here` the one stay that they are counted by, wherever it is.

    Of several that hold in these days the last to begin, so that it does not depend on the area.
    """
    now = timezone.now()
    cell = Case(When(precision=Precision.PLACE, then=F("place__cell")), default=F("cell"))
    return (
        Stay.objects.during(now, now + WINDOW)
        .with_consent(ConsentPurpose.CRISIS_CONTACT)
        .filter(
            precision__in=[Precision.PIN, Precision.PLACE],
            person_id__in=RawSQL("SELECT person_id FROM here", ()),
        )
        .annotate(home=cell)
        .order_by("person_id", "-starts_on", "pk")
        .distinct("person_id")
        .values_list("person_id", "home", "country")
    )


_CALM = f"""
WITH here AS MATERIALIZED (
    SELECT near.person_id FROM unnest(%s::bigint[], %s::bigint[]) AS ranges(low, high)
    CROSS JOIN LATERAL (
        SELECT person_id FROM registrations_stay AS stay
        WHERE stay.cell BETWEEN ranges.low AND ranges.high
            AND stay.precision = '{Precision.PIN.value}'
        OFFSET 0) AS near
    UNION
    SELECT stay.person_id FROM unnest(%s::bigint[], %s::bigint[]) AS ranges(low, high)
    CROSS JOIN LATERAL (
        SELECT id FROM geography_place AS place
        WHERE place.cell BETWEEN ranges.low AND ranges.high
        OFFSET 0) AS town
    JOIN registrations_stay AS stay ON stay.place_id = town.id
        AND stay.precision = '{Precision.PLACE.value}'
), homes (person_id, cell, country) AS ({{homes}})
SELECT {{hexagon}} AS hexagon, country, count(*) / %s * %s
FROM homes GROUP BY 1, 2 HAVING count(*) >= %s
"""  # noqa: S608  (words of ours alone)
