"""Reads stays by area through ordinary indexes.

The table of the query is replaced by the union of a few reads, each answered by an index of its
own: whole countries by code, pins by ranges of cells, towns by the places whose disc touches, the
rest by the countries that the area touches. PostgreSQL pushes the query's further conditions, and
the columns it needs, down into each read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import shapely
from django.db import connection, models
from django.db.models.expressions import Col
from django.db.models.sql.datastructures import BaseTable

from geography.areas import Area, refine, towns_in
from geography.countries import boundary, country_choices
from geography.normalising import around_the_world
from geography.regions import country_of, split_codes
from geography.sharing import one_at_a_time
from registrations.enums import Match, Precision

if TYPE_CHECKING:
    _QS = TypeVar("_QS", bound=models.QuerySet[Any])
else:
    _QS = TypeVar("_QS")

Ranges = tuple[tuple[int, int], ...]

# Boundaries are drawn at 1:50 million, so a coast may lie this far, in degrees, from the drawn one.
_COAST_DEGREES = 0.05

# What every read adds to a stay's columns: how it lies in the area.
_MATCH = "area_match"

_BY_COUNTRY = f"""
SELECT s.*, '{Match.INSIDE.value}'::text AS {_MATCH}
  FROM registrations_stay s WHERE country = ANY(%s)
"""  # noqa: S608  (every word of these is a constant)

# The planner cannot guess how few stays a range holds, and would rather read all of them. OFFSET 0
# makes it look up each range in the index; the days must then stand inside to be looked up too.
_BY_CELL = f"""
SELECT near.*, '{Match.INSIDE.value}'::text AS {_MATCH}
  FROM unnest(%s::bigint[], %s::bigint[]) AS ranges(low, high)
 CROSS JOIN LATERAL (
    SELECT * FROM registrations_stay s
     WHERE s.cell BETWEEN ranges.low AND ranges.high AND s.precision = '{Precision.PIN.value}'
       AND s.ends_on >= %s AND s.starts_on <= %s
    OFFSET 0) near
"""  # noqa: S608

_BY_REGION = f"""
SELECT near.*, '{Match.INSIDE.value}'::text AS {_MATCH}
  FROM unnest(%s::text[], %s::text[]) AS regions(of_country, code)
 CROSS JOIN LATERAL (
    SELECT * FROM registrations_stay s
     WHERE s.country = regions.of_country AND s.admin1 = regions.code
       AND s.ends_on >= %s AND s.starts_on <= %s
    OFFSET 0) near
"""  # noqa: S608

_BY_PLACE = f"""
SELECT s.*, '{{match}}'::text AS {_MATCH} FROM registrations_stay s
 WHERE place_id = ANY(%s) AND precision = '{Precision.PLACE.value}'
"""  # noqa: S608

# The region that a stay names, as `regions` writes it.
_REGION = "s.country || '.' || s.admin1"

_IN_REGION = f"""
SELECT s.*, '{Match.REGION.value}'::text AS {_MATCH} FROM registrations_stay s
 WHERE country = ANY(%s) AND precision = '{Precision.REGION.value}' AND {_REGION} = ANY(%s)
"""  # noqa: S608

_SOMEWHERE = f"""
SELECT s.*, '{Match.SOMEWHERE.value}'::text AS {_MATCH} FROM registrations_stay s
 WHERE country = ANY(%s)
   AND precision IN ('{Precision.REGION.value}', '{Precision.COUNTRY.value}')
   AND (precision = '{Precision.COUNTRY.value}' OR {_REGION} <> ALL(%s))
"""  # noqa: S608

# Beside what is named whole, whose stays are all read by its code.
_ELSEWHERE = f"""
SELECT * FROM ({{read}}) AS s WHERE country <> ALL(%s) AND {_REGION} <> ALL(%s)
"""  # noqa: S608

_BORDER_CELLS = f"""
SELECT DISTINCT s.cell FROM unnest(%s::bigint[], %s::bigint[]) AS ranges(low, high)
  JOIN registrations_stay s ON s.cell BETWEEN ranges.low AND ranges.high
 WHERE s.precision = '{Precision.PIN.value}'
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Read:
    """One way of lying in an area: its SQL, and what it needs (days are put in when they come)."""

    sql: str
    parameters: tuple[Any, ...]


class StaysWithin(BaseTable):
    """The table of stays, narrowed to an area before anything else is asked of it."""

    def __init__(
        self,
        table_name: str,
        alias: str | None,
        reads: tuple[Read, ...],
        days: tuple[dt.date, dt.date] = (dt.date.min, dt.date.max),
    ) -> None:
        super().__init__(table_name, alias)
        self.reads = reads
        self.days = days

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        alias = compiler.quote_name_unless_alias(self.table_alias)
        parameters = [
            self.days[_DAYS.index(item)] if isinstance(item, _Day) else item
            for read in self.reads
            for item in read.parameters
        ]
        return f"({' UNION ALL '.join(read.sql for read in self.reads)}) {alias}", parameters

    def relabeled_clone(self, change_map: Mapping[str | None, str]) -> StaysWithin:
        alias = change_map.get(self.table_alias, self.table_alias)
        return StaysWithin(self.table_name, alias, self.reads, self.days)

    def on_days(self, earliest: dt.date, latest: dt.date) -> StaysWithin:
        return StaysWithin(self.table_name, self.table_alias, self.reads, (earliest, latest))

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, str(self.reads), self.days)


class _Day:
    """Stands for a day that the query learns later."""


_DAYS = (_Day(), _Day())


def read_within(stays: _QS, area: Area) -> _QS:
    """Return the same reading of stays, confined to the area and annotated `match`."""
    narrowed = stays.all()
    query = narrowed.query
    alias = query.get_initial_alias()
    table = query.alias_map[alias].table_name
    query.alias_map[alias] = StaysWithin(table, alias, _reads(area))
    column: models.CharField[str, str] = models.CharField()
    column.set_attributes_from_name(_MATCH)
    column.model = stays.model
    return narrowed.annotate(match=Col(alias, column))


def tell_days(stays: _QS, earliest: dt.date, latest: dt.date) -> _QS:
    """Let the reading of an area know between which days to look; the caller filters as well."""
    told = stays.all()
    query = told.query
    alias = query.get_initial_alias()
    table = query.alias_map[alias]
    if isinstance(table, StaysWithin):
        query.alias_map[alias] = table.on_days(earliest, latest)
    return told


def is_whole_countries(area: Area) -> bool:
    """Whether the area is made of countries and nothing else."""
    return area.is_named and not area.region_codes


def _reads(area: Area) -> tuple[Read, ...]:
    whole = list(area.country_codes)
    regions = [code for code in area.region_codes if country_of(code) not in whole]
    reads: list[Read] = []
    if whole:
        reads.append(Read(_BY_COUNTRY, (whole,)))
    if regions:
        reads.append(Read(_BY_REGION, (*split_codes(regions), *_DAYS)))
    if not area.is_named:
        reads.extend(_elsewhere(_by_geometry(area), whole, regions))
    partly = [code for code in countries_touching(area) if code not in whole]
    if partly:
        touched = () if area.is_named else towns_in(area).regions
        in_part = [code for code in touched if code not in regions]
        reads.append(Read(_IN_REGION, (partly, in_part)))
        reads.append(Read(_SOMEWHERE, (partly, [*in_part, *regions])))
    return tuple(reads)


def _by_geometry(area: Area) -> tuple[Read, ...]:
    ranges = _pin_ranges(area)
    towns = towns_in(area)
    return (
        Read(_BY_CELL, ([low for low, _ in ranges], [high for _, high in ranges], *_DAYS)),
        Read(_BY_PLACE.format(match=Match.INSIDE.value), (list(towns.inside),)),
        Read(_BY_PLACE.format(match=Match.POSSIBLY.value), (list(towns.partly),)),
    )


def _elsewhere(reads: tuple[Read, ...], whole: list[str], regions: list[str]) -> tuple[Read, ...]:
    if not (whole or regions):
        return reads
    return tuple(
        Read(_ELSEWHERE.format(read=read.sql), (*read.parameters, whole, regions)) for read in reads
    )


def _pin_ranges(area: Area) -> Ranges:
    """The cover; where it is coarse, its border only as far as the cells people are in touch."""
    cover = area.cover
    if cover.exact:
        return cover.ranges
    with connection.cursor() as cursor:
        cursor.execute(
            _BORDER_CELLS,
            [[first for first, _ in cover.border], [last for _, last in cover.border]],
        )
        distinct = np.array([row[0] for row in cursor.fetchall()], dtype=np.int64)
    kept = distinct[refine(area, distinct)].tolist() if distinct.size else []
    return (*cover.inside, *((cell, cell) for cell in kept))


def countries_touching(area: Area) -> tuple[str, ...]:
    """ISO codes of the countries that the area touches, generous by the coast's vagueness.

    Of an area made of whole countries and regions: those, and those of the regions.
    """
    named = {*area.country_codes, *map(country_of, area.region_codes)}
    drawn = () if area.is_named else _countries_near(area)
    return tuple(sorted(named | set(drawn)))


@lru_cache(maxsize=256)
@one_at_a_time
def _countries_near(area: Area) -> tuple[str, ...]:
    tree, codes = _tree()
    found = tree.query(area.geometry, predicate="dwithin", distance=_COAST_DEGREES)
    return tuple(sorted({codes[index] for index in found.tolist()}))


@lru_cache(maxsize=1)
def _tree() -> tuple[shapely.STRtree, list[str]]:
    shapes, codes = [], []
    for code, _name in country_choices():
        for part in shapely.get_parts(around_the_world(boundary(code))).tolist():
            shapes.append(part)
            codes.append(code)
    return shapely.STRtree(shapes), codes
