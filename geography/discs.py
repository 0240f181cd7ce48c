"""A place is a disc, not a point: its radius, and the places whose discs touch an area."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely
from django.db import connections
from shapely.geometry.base import BaseGeometry

from geography import cells
from geography.regions import region_code
from geography.sharing import one_at_a_time
from geography.sphere import (
    GREATEST_RADIUS_M,
    LEAST_RADIUS_M,
    Floats,
    cap_bounds,
    metres_per_degree,
    rings,
)

if TYPE_CHECKING:
    from geography.areas import Area

# People per square kilometre. The European Commission's and the UN's Degree of Urbanisation calls
# a contiguous area of at least this density an urban centre; real cities are denser, so a disc at
# this density is larger than the built-up area.
_DENSITY_PER_KM2 = 1_500
# The coordinates name a town hall or a square, not the middle of the disc.
_OFF_CENTRE_KM = 1.0
_LEAST_KM, _GREATEST_KM = 2.0, 60.0
_CITY_M = _GREATEST_KM * 1000
# Nearly all places are smaller than this; the few larger are looked for in a wider cover, so that
# Tokyo's reach does not make every village within 60 km a candidate.
_TOWN_M = 6_000
# Candidates are tested one by one, so their cover may be coarse.
_ENOUGH_BORDER = 150

_CORNERS = 32
_POLAR = 85.0
# A disc whose edge comes this near is counted: better a possible person too many than one missed.
_TOLERANCE_M = 1.0

# OFFSET 0 keeps the planner from turning the probes of the index into one scan of the table.
_CANDIDATES = """
    SELECT found.* FROM unnest(%s::bigint[], %s::bigint[]) AS span(first, last),
    LATERAL (
        SELECT id, latitude, longitude, radius_m, country, admin1 FROM geography_place
        WHERE cell BETWEEN first AND last AND radius_m <= %s OFFSET 0
    ) AS found
    UNION ALL
    SELECT found.* FROM unnest(%s::bigint[], %s::bigint[]) AS span(first, last),
    LATERAL (
        SELECT id, latitude, longitude, radius_m, country, admin1 FROM geography_place
        WHERE cell BETWEEN first AND last AND radius_m > 6000 OFFSET 0
    ) AS found
"""


def radius_m(population: int) -> int:
    """Radius in metres of the disc in which a place's inhabitants live, on the wide side.

    A village 2 km, Kathmandu 18 km, Tokyo 46 km; GeoNames writes 0 where it knows no population.
    """
    radius_km = _OFF_CENTRE_KM + math.sqrt(max(population, 0) / (math.pi * _DENSITY_PER_KM2))
    return round(1000 * min(max(radius_km, _LEAST_KM), _GREATEST_KM))


@dataclass(frozen=True, slots=True)
class Towns:
    """Places whose discs touch an area, by id in order: wholly inside, and partly or perhaps.

    `regions` are the codes of the regions that they lie in ("MX.05"), sorted.
    """

    inside: tuple[int, ...]
    partly: tuple[int, ...]
    regions: tuple[str, ...]


def places_touching(area: Area, *, using: str = "default") -> list[int]:
    """The ids of all places whose disc touches the area, in order; to the metre, none missed."""
    towns = towns_in(area, using=using)
    return sorted([*towns.inside, *towns.partly])


def towns_in(area: Area, *, using: str = "default") -> Towns:
    """All places whose disc touches the area, none missed, and which lie in it with their disc."""
    towns = cells.cover_sheet(area.sheet, reach_m=_TOWN_M, enough_border=_ENOUGH_BORDER)
    cities = cells.cover_sheet(area.sheet, reach_m=_CITY_M, enough_border=_ENOUGH_BORDER)
    with connections[using].cursor() as cursor:
        cursor.execute(_CANDIDATES, [*_spans(towns), _TOWN_M, *_spans(cities)])
        found = cursor.fetchall()
    rows = np.array([row[:4] for row in found], dtype=np.float64).reshape(-1, 4)
    discs = rows[:, 1], rows[:, 2], rows[:, 3]
    touching = discs_touching(area.sheet, *discs)
    inside = np.zeros(len(rows), dtype=bool)
    inside[touching] = discs_inside(area.sheet, *(column[touching] for column in discs))
    codes = {region_code(*found[number][4:]) for number in np.flatnonzero(touching).tolist()}
    ids = rows[:, 0].astype(np.int64)
    return Towns(
        inside=tuple(sorted(ids[inside].tolist())),
        partly=tuple(sorted(ids[touching & ~inside].tolist())),
        regions=tuple(sorted(codes - {""})),
    )


@one_at_a_time
def discs_touching(
    sheet: BaseGeometry, latitudes: Floats, longitudes: Floats, radii_m: Floats
) -> npt.NDArray[np.bool_]:
    """Which discs touch an area's sheet. Only those at its very edge are measured one by one."""
    touching = shapely.contains_xy(sheet, longitudes, latitudes)
    # At a pole no outline in degrees is a disc; nobody lives there, so its box will do.
    for number in np.flatnonzero(np.abs(latitudes) > _POLAR).tolist():
        angle = float(_degrees(radii_m[number], LEAST_RADIUS_M))
        box = cap_bounds(latitudes[[number]], longitudes[[number]], angle)[0]
        touching[number] |= bool(shapely.intersects(sheet, shapely.box(*box)))
    # A disc on the ellipsoid lies between two on the sphere of degrees: who touches not even the
    # larger is out, who touches the smaller is in, and the few between are measured.
    rest = np.flatnonzero(~touching & (np.abs(latitudes) <= _POLAR))
    larger = np.radians(_degrees(radii_m[rest], LEAST_RADIUS_M))
    larger = np.degrees(np.arctan(np.tan(larger) / math.cos(math.pi / _CORNERS)))
    rest = rest[_outlines_touch(sheet, latitudes[rest], longitudes[rest], larger)]
    smaller = _degrees(radii_m[rest], GREATEST_RADIUS_M)
    certain = _outlines_touch(sheet, latitudes[rest], longitudes[rest], smaller)
    touching[rest[certain]] = True
    for number in rest[~certain].tolist():
        touching[number] = _is_near(
            sheet, latitudes[number], longitudes[number], radii_m[number] + _TOLERANCE_M
        )
    return touching


@one_at_a_time
def discs_inside(
    sheet: BaseGeometry, latitudes: Floats, longitudes: Floats, radii_m: Floats
) -> npt.NDArray[np.bool_]:
    """Which discs lie wholly in an area's sheet; one that comes within a metre of its edge not."""
    inside = np.zeros(len(latitudes), dtype=bool)
    for number in np.flatnonzero(np.abs(latitudes) > _POLAR).tolist():
        angle = float(_degrees(radii_m[number], LEAST_RADIUS_M))
        box = cap_bounds(latitudes[[number]], longitudes[[number]], angle)[0]
        inside[number] = bool(shapely.covers(sheet, shapely.box(*box)))
    # The same two discs on the sphere of degrees: who holds the larger's outline is in, who does
    # not hold the smaller's corners is out, and the few between are measured.
    rest = np.flatnonzero(np.abs(latitudes) <= _POLAR)
    smaller = _degrees(radii_m[rest], GREATEST_RADIUS_M)
    corners = shapely.multipoints(
        rings(latitudes[rest], longitudes[rest], smaller, _CORNERS).reshape(-1, 2),
        indices=np.repeat(np.arange(len(rest)), _CORNERS + 1),
    )
    rest = rest[shapely.covers(sheet, corners)]
    larger = np.degrees(
        np.arctan(
            np.tan(np.radians(_degrees(radii_m[rest], LEAST_RADIUS_M)))
            / math.cos(math.pi / _CORNERS)
        )
    )
    outlines = shapely.polygons(rings(latitudes[rest], longitudes[rest], larger, _CORNERS))
    certain = shapely.covers(sheet, outlines)
    inside[rest[certain]] = True
    for number in rest[~certain].tolist():
        inside[number] = _is_clear_of_the_edge(
            sheet, latitudes[number], longitudes[number], radii_m[number] + _TOLERANCE_M
        )
    return inside


def _degrees(radii_m: Floats, of_curvature_m: float) -> Floats:
    return np.degrees((radii_m + _TOLERANCE_M) / of_curvature_m)


def _outlines_touch(
    sheet: BaseGeometry, latitudes: Floats, longitudes: Floats, angles: Floats
) -> npt.NDArray[np.bool_]:
    outlines = shapely.polygons(rings(latitudes, longitudes, angles, _CORNERS))
    return shapely.intersects(sheet, outlines)


def _is_near(sheet: BaseGeometry, latitude: float, longitude: float, radius: float) -> bool:
    around = _around(sheet, latitude, longitude, radius)
    return bool(shapely.distance(shapely.Point(0, 0), around) <= radius)


def _is_clear_of_the_edge(
    sheet: BaseGeometry, latitude: float, longitude: float, radius: float
) -> bool:
    around = _around(sheet, latitude, longitude, radius)
    centre = shapely.Point(0, 0)
    return bool(
        shapely.intersects(around, centre)
        and shapely.distance(centre, shapely.boundary(around)) > radius
    )


def _around(sheet: BaseGeometry, latitude: float, longitude: float, radius: float) -> BaseGeometry:
    """What lies near, in metres on a plane about the centre, true to the ellipsoid there."""
    angle = float(np.degrees(1.1 * radius / LEAST_RADIUS_M))
    box = cap_bounds(np.array([latitude]), np.array([longitude]), angle)[0]
    nearby = shapely.clip_by_rect(sheet, *box)
    up = metres_per_degree(latitude)[1]

    def on_the_plane(points: Floats) -> Floats:
        offset = points - [longitude, latitude]
        halfway = (points[:, 1] + latitude) / 2
        across = np.array([metres_per_degree(middle)[0] for middle in halfway.tolist()])
        return np.column_stack([offset[:, 0] * across, offset[:, 1] * up])

    return shapely.transform(nearby, on_the_plane)


def _spans(cover: cells.Cover) -> list[Any]:
    return [[first for first, _ in cover.ranges], [last for _, last in cover.ranges]]
