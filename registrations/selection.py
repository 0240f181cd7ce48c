"""Reads stays by area through ordinary indexes.

The table of the query is replaced by the union of a few reads, each answered by an index of its
own: whole countries by code, pins by ranges of cells, towns by the places whose disc touches, the
rest by the countries that the area touches. PostgreSQL pushes the query's further conditions, and
the columns it needs, down into each read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from django.db import connection, models
from django.db.models.expressions import Col
from django.db.models.sql.datastructures import BaseTable

from geography.areas import Area, refine
from geography.cells import Cover, Ranges
from geography.covers import Touched, countries_touching, touched_by
from geography.regions import country_of, split_codes
from registrations.enums import Match, Precision

__all__ = ["countries_touching", "is_whole_countries", "read_within", "tell_days"]

if TYPE_CHECKING:
    _QS = TypeVar("_QS", bound=models.QuerySet[Any])
else:
    _QS = TypeVar("_QS")

# What every read adds to a stay's columns: how it lies in the area.
_MATCH = "area_match"

_BY_COUNTRY = f"""
SELECT s.*, '{Match.INSIDE.value}'::text AS {_MATCH}
  FROM registrations_stay s WHERE country = ANY(%s::text[])
"""  # noqa: S608  (every word of these is a constant)

# The planner cannot guess how few stays a range holds, and would rather read all of them. OFFSET 0
# makes it look up each range in the index; the days must then stand inside to be looked up too.
# Saying the range twice, once where the index does not see it, makes it expect few: else it would
# rather read every consent there is than look up those of the people found.
_BY_CELL = f"""
SELECT near.*, '{Match.INSIDE.value}'::text AS {_MATCH}
  FROM unnest(%s::bigint[], %s::bigint[]) AS ranges(low, high)
 CROSS JOIN LATERAL (
    SELECT * FROM registrations_stay s
     WHERE s.cell BETWEEN ranges.low AND ranges.high AND s.precision = '{Precision.PIN.value}'
       AND s.ends_on >= %s AND s.starts_on <= %s AND s.cell + 0 BETWEEN ranges.low AND ranges.high
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
SELECT near.*, '{{match}}'::text AS {_MATCH}
  FROM unnest(%s::integer[]) AS towns(id)
 CROSS JOIN LATERAL (
    SELECT * FROM registrations_stay s
     WHERE s.place_id = towns.id AND s.precision = '{Precision.PLACE.value}'
       AND s.ends_on >= %s AND s.starts_on <= %s
    OFFSET 0) near
"""  # noqa: S608

# The region that a stay names, as `regions` writes it.
_REGION = "s.country || '.' || s.admin1"

_IN_REGION = f"""
SELECT s.*, '{Match.REGION.value}'::text AS {_MATCH} FROM registrations_stay s
 WHERE country = ANY(%s::text[]) AND precision = '{Precision.REGION.value}'
   AND {_REGION} = ANY(%s::text[])
"""  # noqa: S608

_SOMEWHERE = f"""
SELECT s.*, '{Match.SOMEWHERE.value}'::text AS {_MATCH} FROM registrations_stay s
 WHERE country = ANY(%s::text[])
   AND precision IN ('{Precision.REGION.value}', '{Precision.COUNTRY.value}')
   AND (precision = '{Precision.COUNTRY.value}' OR {_REGION} <> ALL(%s::text[]))
"""  # noqa: S608

# Beside what is named whole, whose stays are all read by its code.
_ELSEWHERE = f"""
SELECT * FROM ({{read}}) AS s WHERE country <> ALL(%s::text[]) AND {_REGION} <> ALL(%s::text[])
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
        return (*super().identity, self.reads, self.days)


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
    return not area.region_codes and touched_by(area).is_named


def _reads(area: Area) -> tuple[Read, ...]:
    touched = touched_by(area)
    whole = area.country_codes
    regions = tuple(code for code in area.region_codes if country_of(code) not in whole)
    reads: list[Read] = []
    if whole:
        reads.append(Read(_BY_COUNTRY, (_array(whole),)))
    if regions:
        reads.append(Read(_BY_REGION, (*map(_array, split_codes(regions)), *_DAYS)))
    if not touched.is_named:
        drawn = (_by_cell(area, touched), *_by_town(touched))
        reads.extend(_elsewhere(drawn, whole, regions))
    partly = [code for code in touched.countries if code not in whole]
    if partly:
        in_part = [code for code in touched.towns.regions if code not in regions]
        reads.append(Read(_IN_REGION, (_array(partly), _array(in_part))))
        reads.append(Read(_SOMEWHERE, (_array(partly), _array([*in_part, *regions]))))
    return tuple(reads)


def _by_cell(area: Area, touched: Touched) -> Read:
    return _of_cover(touched) if touched.cover.exact else _of_ranges(_refined(area, touched.cover))


# What is written out for an area is as long as its border, and the same until the area changes.
@lru_cache(maxsize=64)
def _of_cover(touched: Touched) -> Read:
    return _of_ranges(touched.cover.ranges)


@lru_cache(maxsize=64)
def _by_town(touched: Touched) -> tuple[Read, ...]:
    return tuple(
        Read(_BY_PLACE.format(match=match.value), (_array(towns), *_DAYS))
        for match, towns in (
            (Match.INSIDE, touched.towns.inside),
            (Match.POSSIBLY, touched.towns.partly),
        )
    )


def _of_ranges(ranges: Ranges) -> Read:
    low, high = _array(low for low, _ in ranges), _array(high for _, high in ranges)
    return Read(_BY_CELL, (low, high, *_DAYS))


def _elsewhere(
    reads: tuple[Read, ...], whole: Sequence[str], regions: Sequence[str]
) -> tuple[Read, ...]:
    if not (whole or regions):
        return reads
    named = _array(whole), _array(regions)
    return tuple(
        Read(_ELSEWHERE.format(read=read.sql), (*read.parameters, *named)) for read in reads
    )


def _refined(area: Area, cover: Cover) -> Ranges:
    """A coarse cover, its border only as far as the cells that people are in touch."""
    low, high = _array(low for low, _ in cover.border), _array(high for _, high in cover.border)
    with connection.cursor() as cursor:
        cursor.execute(_BORDER_CELLS, [low, high])
        distinct = np.array([row[0] for row in cursor.fetchall()], dtype=np.int64)
    kept = distinct[refine(area, distinct, cover)].tolist() if distinct.size else []
    return (*cover.inside, *((cell, cell) for cell in kept))


def _array(values: Iterable[int | str]) -> str:
    """An array as PostgreSQL writes it, which it reads far faster than a list of expressions."""
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: int | str) -> str:
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
