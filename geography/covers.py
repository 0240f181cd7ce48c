"""What an area touches: cells, towns, regions, countries. Worked out once, kept, held in memory.

An area asked about once, as each of those drawn before the right one is, gets a cover that is
quickly made; asked about again, one whose cells all touch, which is kept in the database.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import h3
import numpy as np
import numpy.typing as npt
import shapely
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from geography import cells, countries
from geography.areas import Area
from geography.discs import Towns, towns_in
from geography.models import AreaCover, Place, PlaceList
from geography.normalising import around_the_world
from geography.regions import country_of
from geography.sharing import one_at_a_time

# Areas kept in the database, and in the memory of a process.
MOST_KEPT = 300
_MOST_HELD = 64
# Another process may load the places anew; so long, in seconds, this one goes by the old ones.
_HELD_FOR = 300
# Boundaries are drawn at 1:50 million, so a coast may lie this far, in degrees, from the drawn one.
_COAST_DEGREES = 0.05
# How many cells of a quick cover may lie on the border before it stays as coarse as it is.
_ENOUGH_OF_A_COUNTRY, _ENOUGH_OF_A_CONTINENT, _COUNTRY_KM2 = 150, 900, 1_000_000
_MADE_BY = ("areas", "cells", "covers", "discs", "normalising", "regions", "sphere")


@dataclass(frozen=True, slots=True, eq=False)
class Touched:
    """What an area touches. Of an area made of names alone (`is_named`), its countries alone.

    `countries` are generous by the vagueness of the drawn coasts.
    """

    cover: cells.Cover
    towns: Towns
    countries: tuple[str, ...]
    is_named: bool = False


@dataclass(slots=True)
class _Held:
    touched: Touched
    since: float
    is_kept: bool


_held: OrderedDict[str, _Held] = OrderedDict()
_holding = threading.Lock()
_NOTHING = cells.Cover((), (), (), exact=True)


def touched_by(area: Area) -> Touched:
    """What the area touches: from memory, else the database, else worked out now."""
    with _holding:
        held = _held.get(area.digest)
    if held and held.is_kept and time.monotonic() - held.since < _HELD_FOR:
        return held.touched
    stored = _read(area)
    if stored is not None:
        return _hold(area, stored, is_kept=True)
    if held and not held.is_kept:
        return keep(area)
    return _hold(area, _work_out(area, fine=False), is_kept=False)


def keep(area: Area) -> Touched:
    """Work out finely what the area touches, and keep it for every process."""
    stored = _read(area)
    if stored is None:
        # Before the places are read: whatever is loaded meanwhile makes it out of date.
        place_list = _place_list()
        stored = _work_out(area, fine=True)
        _write(area, stored, place_list)
    return _hold(area, stored, is_kept=True)


def forget() -> None:
    """Drop what this process holds in memory."""
    with _holding:
        _held.clear()


def places_touching(area: Area) -> list[int]:
    """The ids of the places whose disc touches the area, in order.

    Of an area made of names alone: of those that lie in what it names.
    """
    touched = touched_by(area)
    if not touched.is_named:
        return sorted([*touched.towns.inside, *touched.towns.partly])
    found = Place.objects.filter(country__in=area.country_codes)
    for code in area.region_codes:
        country, admin1 = code.split(".", 1)
        found |= Place.objects.filter(country=country, admin1=admin1)
    return list(found.order_by("pk").values_list("pk", flat=True))


def countries_touching(area: Area) -> tuple[str, ...]:
    """ISO codes of the countries that the area touches, sorted; those named, of a named area."""
    return touched_by(area).countries


def meant_the_other_way(area: Area) -> Area | None:
    """The area with latitude and longitude exchanged, where that is likelier what was meant.

    Nobody lives in it as it stands, and somebody does the other way round.
    """
    if area.country_codes or area.region_codes or _is_lived_in(area):
        return None
    other = area.other_way_round()
    return other if other and _is_lived_in(other) else None


def _is_lived_in(area: Area) -> bool:
    towns = touched_by(area).towns
    return bool(towns.inside or towns.partly)


def _work_out(area: Area, *, fine: bool) -> Touched:
    named = {*area.country_codes, *map(country_of, area.region_codes)}
    if area.is_named:
        return Touched(_NOTHING, Towns((), (), ()), tuple(sorted(named)), is_named=True)
    return Touched(
        cover=area.fine_cover if fine else _quick_cover(area),
        towns=towns_in(area),
        countries=tuple(sorted(named | set(_countries_near(area)))),
    )


def _quick_cover(area: Area) -> cells.Cover:
    """Coarser where it is small: refining the few cells that people are in costs less than drawing
    each that they might be in."""
    enough = _ENOUGH_OF_A_COUNTRY if area.square_km < _COUNTRY_KM2 else _ENOUGH_OF_A_CONTINENT
    return cells.cover_sheet(area.sheet, enough_border=enough)


@one_at_a_time
def _countries_near(area: Area) -> set[str]:
    tree, codes = _tree()
    found = tree.query(area.geometry, predicate="dwithin", distance=_COAST_DEGREES)
    return {codes[index] for index in found.tolist()}


@lru_cache(maxsize=1)
def _tree() -> tuple[shapely.STRtree, list[str]]:
    shapes, codes = [], []
    for code, _name in countries.country_choices():
        for part in shapely.get_parts(around_the_world(countries.boundary(code))).tolist():
            shapes.append(part)
            codes.append(code)
    return shapely.STRtree(shapes), codes


def _hold(area: Area, touched: Touched, *, is_kept: bool) -> Touched:
    with _holding:
        _held[area.digest] = _Held(touched, time.monotonic(), is_kept)
        _held.move_to_end(area.digest)
        while len(_held) > _MOST_HELD:
            _held.popitem(last=False)
    return touched


def _place_list() -> int:
    return PlaceList.objects.aggregate(newest=Max("pk"))["newest"] or 0


_COLUMNS = tuple(field.attname for field in AreaCover._meta.concrete_fields)
_KEPT = f"""
SELECT {", ".join(_COLUMNS)} FROM {AreaCover._meta.db_table}
WHERE digest = %s AND version = %s
    AND place_list = (SELECT coalesce(max(id), 0) FROM {PlaceList._meta.db_table})
"""  # noqa: S608  (words of ours alone; the query set takes as long to write as the rest to do)


def _read(area: Area) -> Touched | None:
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, [area.digest, _version()])
        row = cursor.fetchone()
    kept = AreaCover(**dict(zip(_COLUMNS, row, strict=True))) if row else None
    if kept is None:
        return None
    return Touched(
        cover=cells.Cover(
            ranges=_ranges(kept.ranges),
            inside=_ranges(kept.inside),
            border=_ranges(kept.border),
            exact=kept.is_exact,
        ),
        towns=Towns(
            inside=tuple(_numbers(kept.towns_inside).tolist()),
            partly=tuple(_numbers(kept.towns_partly).tolist()),
            regions=tuple(kept.regions),
        ),
        countries=tuple(kept.countries),
        is_named=kept.is_named,
    )


def _write(area: Area, touched: Touched, place_list: int) -> None:
    """Once the reader's transaction has ended: two that keep the same areas would wait in it."""
    row = AreaCover(
        digest=area.digest,
        version=_version(),
        place_list=place_list,
        is_named=touched.is_named,
        is_exact=touched.cover.exact,
        ranges=_packed(touched.cover.ranges),
        inside=_packed(touched.cover.inside),
        border=_packed(touched.cover.border),
        towns_inside=_packed(touched.towns.inside),
        towns_partly=_packed(touched.towns.partly),
        regions=list(touched.towns.regions),
        countries=list(touched.countries),
        kept_at=timezone.now(),
    )
    transaction.on_commit(lambda: _save(row))


def _save(row: AreaCover) -> None:
    fields = [field.name for field in AreaCover._meta.fields if not field.primary_key]
    AreaCover.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["digest"], update_fields=fields
    )
    newest = AreaCover.objects.order_by("-kept_at", "pk").values("pk")[:MOST_KEPT]
    AreaCover.objects.exclude(pk__in=newest).delete()


def _packed(numbers: tuple[int, ...] | cells.Ranges) -> bytes:
    return np.array(numbers, dtype="<i8").tobytes()


def _numbers(packed: bytes | memoryview) -> npt.NDArray[np.int64]:
    return np.frombuffer(packed, dtype="<i8")


def _ranges(packed: bytes | memoryview) -> cells.Ranges:
    return tuple((first, last) for first, last in _numbers(packed).reshape(-1, 2).tolist())


@lru_cache(maxsize=1)
def _version() -> str:
    """Changes with whatever a cover is made by, so that none outlives a release that differs."""
    found = hashlib.sha256(f"{h3.__version__} {shapely.geos_version}".encode())
    folder = Path(__file__).parent
    for path in (*(folder / f"{name}.py" for name in _MADE_BY), countries.DATA_FILE):
        found.update(path.read_bytes())
    return found.hexdigest()
