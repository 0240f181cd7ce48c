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
_ENOUGH_BORDER = 60

_CORNERS = 32
_POLAR = 85.0
# A disc whose edge comes this near is counted: better a possible person too many than one missed.
_TOLERANCE_M = 1.0

# OFFSET 0 keeps the planner from turning the probes of the index into one scan of the table.
_FOUND = """
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
# Of a continent they are tens of thousands: their numbers alone come, as one value.
_CERTAIN = f"""
    WITH certain AS MATERIALIZED ({_FOUND})
    SELECT (SELECT array_agg(id) FROM certain),
        (SELECT array_agg(ARRAY[country, admin1]) FROM (
            SELECT DISTINCT country, admin1 FROM certain) AS division)
"""  # noqa: S608  (words of ours alone)


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
    # A cell that lies in the area with all that its towns reach holds only towns that do.
    with connections[using].cursor() as cursor:
        cursor.execute(_CERTAIN, _spans(towns.inside, cities.inside))
        certain, divisions = cursor.fetchone()
        cursor.execute(_FOUND, _spans(towns.border, cities.border))
        found = cursor.fetchall()
    discs = np.array([row[1:4] for row in found], dtype=np.float64).reshape(-1, 3)
    touching, within = discs_against(area.sheet, *discs.T)
    inside = {*(certain or ()), *(row[0] for row, yes in zip(found, within, strict=True) if yes)}
    touched = [row for row, yes in zip(found, touching, strict=True) if yes]
    codes = {tuple(code) for code in divisions or ()} | {row[4:] for row in touched}
    return Towns(
        inside=tuple(sorted(inside)),
        partly=tuple(sorted({row[0] for row in touched} - inside)),
        regions=tuple(sorted({region_code(*code) for code in codes} - {""})),
    )


@one_at_a_time
def discs_against(
    sheet: BaseGeometry, latitudes: Floats, longitudes: Floats, radii_m: Floats
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which discs touch an area's sheet, and which lie wholly in it.

    To the metre, in favour of touching and against lying inside. The boxes around them settle
    nearly all; only those at the very edge are measured one by one.
    """
    boxes = shapely.box(*cap_bounds(latitudes, longitudes, _degrees(radii_m, LEAST_RADIUS_M)).T)
    touching = np.asarray(shapely.intersects(sheet, boxes), dtype=bool)
    inside = np.zeros(len(boxes), dtype=bool)
    inside[touching] = shapely.covers(sheet, boxes[touching])
    # At a pole no outline in degrees is a disc; nobody lives there, so its box will do.
    edge = np.flatnonzero(touching & ~inside & (np.abs(latitudes) <= _POLAR))
    discs = latitudes[edge], longitudes[edge], radii_m[edge]
    touching[edge] = _touch(sheet, *discs)
    inside[edge] = _lie_inside(sheet, *discs)
    return touching, inside


def discs_touching(
    sheet: BaseGeometry, latitudes: Floats, longitudes: Floats, radii_m: Floats
) -> npt.NDArray[np.bool_]:
    """Which discs touch an area's sheet."""
    return discs_against(sheet, latitudes, longitudes, radii_m)[0]


def _touch(
    sheet: BaseGeometry, latitudes: Floats, longitudes: Floats, radii_m: Floats
) -> npt.NDArray[np.bool_]:
    touching = np.asarray(shapely.contains_xy(sheet, longitudes, latitudes), dtype=bool)
    # A disc on the ellipsoid lies between two on the sphere of degrees: who touches not even the
    # larger is out, who touches the smaller is in, and the few between are measured.
    rest = np.flatnonzero(~touching)
    rest = rest[
        shapely.intersects(sheet, _around_discs(latitudes[rest], longitudes[rest], radii_m[rest]))
    ]
    within = _within_discs(latitudes[rest], longitudes[rest], radii_m[rest])
    certain = np.asarray(shapely.intersects(sheet, within), dtype=bool)
    touching[rest[certain]] = True
    for number in rest[~certain].tolist():
        around = _near(sheet, latitudes[number], longitudes[number], radii_m[number])
        away = shapely.distance(shapely.Point(0, 0), around)
        touching[number] = bool(away <= radii_m[number] + _TOLERANCE_M)
    return touching


def _lie_inside(
    sheet: BaseGeometry, latitudes: Floats, longitudes: Floats, radii_m: Floats
) -> npt.NDArray[np.bool_]:
    """The same two discs: who is not held with the smaller is out, who is with the larger is in."""
    inside = np.zeros(len(latitudes), dtype=bool)
    rest = np.flatnonzero(shapely.contains_xy(sheet, longitudes, latitudes))
    within = _within_discs(latitudes[rest], longitudes[rest], radii_m[rest])
    rest = rest[shapely.covers(sheet, within)]
    around = _around_discs(latitudes[rest], longitudes[rest], radii_m[rest])
    certain = np.asarray(shapely.covers(sheet, around), dtype=bool)
    inside[rest[certain]] = True
    for number in rest[~certain].tolist():
        edge = shapely.boundary(
            _near(sheet, latitudes[number], longitudes[number], radii_m[number])
        )
        away = shapely.distance(shapely.Point(0, 0), edge)
        inside[number] = bool(away > radii_m[number] + _TOLERANCE_M)
    return inside


def _degrees(radii_m: Floats, of_curvature_m: float) -> Floats:
    return np.degrees((radii_m + _TOLERANCE_M) / of_curvature_m)


def _within_discs(
    latitudes: Floats, longitudes: Floats, radii_m: Floats
) -> npt.NDArray[np.object_]:
    """Polygons with their corners on the smaller discs."""
    angles = _degrees(radii_m, GREATEST_RADIUS_M)
    return shapely.polygons(rings(latitudes, longitudes, angles, _CORNERS))


def _around_discs(
    latitudes: Floats, longitudes: Floats, radii_m: Floats
) -> npt.NDArray[np.object_]:
    """Polygons with their sides on the larger discs."""
    angles = np.radians(_degrees(radii_m, LEAST_RADIUS_M))
    corners = np.degrees(np.arctan(np.tan(angles) / math.cos(math.pi / _CORNERS)))
    return shapely.polygons(rings(latitudes, longitudes, corners, _CORNERS))


def _near(sheet: BaseGeometry, latitude: float, longitude: float, radius: float) -> BaseGeometry:
    """What lies near, in metres on a plane about the centre, true to the ellipsoid there."""
    angle = float(np.degrees(1.1 * (radius + _TOLERANCE_M) / LEAST_RADIUS_M))
    box = cap_bounds(np.array([latitude]), np.array([longitude]), angle)[0]
    nearby = shapely.clip_by_rect(sheet, *box)
    up = metres_per_degree(latitude)[1]

    def on_the_plane(points: Floats) -> Floats:
        offset = points - [longitude, latitude]
        halfway = (points[:, 1] + latitude) / 2
        across = np.array([metres_per_degree(middle)[0] for middle in halfway.tolist()])
        return np.column_stack([offset[:, 0] * across, offset[:, 1] * up])

    return shapely.transform(nearby, on_the_plane)


def _spans(towns: cells.Ranges, cities: cells.Ranges) -> list[Any]:
    return [*_bounds(towns), _TOWN_M, *_bounds(cities)]


def _bounds(ranges: cells.Ranges) -> list[list[int]]:
    return [[first for first, _ in ranges], [last for _, last in ranges]]
