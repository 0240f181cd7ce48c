"""How densely people stay: hexagons for a map, never a person, and never a handful of people.

A hexagon is an H3 cell coarser than the one a stay keeps; its number is made of the stay's by bits
alone, in SQL. Hexagons with few people are left out as if nobody were there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import shapely
from django.db import connection
from django.utils.translation import ngettext

from geography.areas import Area
from geography.cells import RESOLUTION
from geography.normalising import normalise

# So many hexagons, about, cover an area: enough to see where people are, few enough to draw.
_HEXAGONS = 120
_BITS, _FINEST = 3, 15
_RES_SHIFT = 52


@dataclass(frozen=True, slots=True)
class Hexagon:
    """An H3 cell with how many people stay there, and its most populous town ("" in the wild)."""

    cell: int
    people: int
    town: str = ""


def resolution_for(area: Area) -> int:
    """The H3 resolution at which some 50 to 300 hexagons cover the area, 7 at the finest."""
    size = area.square_km / _HEXAGONS
    found = min(
        range(RESOLUTION + 1),
        key=lambda resolution: abs(
            float(np.log(h3.average_hexagon_area(resolution, "km^2") / size))
        ),
    )
    return found


def parent_sql(cell: str, resolution: int) -> str:
    """SQL for the number of the H3 cell of that resolution which holds the cell (resolution 7).

    H3 writes the resolution in four bits from the 52nd, and after it three bits for each finer
    step, all set where a step is not taken.
    """
    kept = ~(0xF << _RES_SHIFT)
    unused = (1 << _BITS * (_FINEST - resolution)) - 1
    return f"(({cell} & {kept}::bigint) | {(resolution << _RES_SHIFT) | unused}::bigint)"


def widened(ranges: tuple[tuple[int, int], ...], resolution: int) -> list[tuple[int, int]]:
    """Ranges of cells (resolution 7) made so much longer that they hold whole hexagons only."""
    below = _below(resolution)
    joined: list[tuple[int, int]] = []
    for low, high in ranges:
        first, last = low & ~below, high | below
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def named(counts: Mapping[int, int]) -> list[Hexagon]:
    """The hexagons, most people first, each with its most populous town."""
    towns = _towns(counts)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Hexagon(cell, people, towns.get(cell, "")) for cell, people in ranked]


def feature_collection(hexagons: list[Hexagon], *, at_least: bool = False) -> dict[str, Any]:
    """GeoJSON: each hexagon with a `label` to read and its `share` of the fullest one, 0 to 1.

    With at_least the label says that there may be more. No shape passes the antimeridian.
    """
    most = max((one.people for one in hexagons), default=0)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {
                    "label": label(one.people, at_least=at_least),
                    "share": round(one.people / most, 3),
                },
                "geometry": shapely.geometry.mapping(shape(one.cell)),
            }
            for one in hexagons
        ],
    }


def label(people: int, *, at_least: bool = False) -> str:
    """The number of people in words."""
    if at_least:
        words = ngettext("at least %(number)d person", "at least %(number)d people", people)
    else:
        words = ngettext("%(number)d person", "%(number)d people", people)
    return words % {"number": people}


def shape(cell: int) -> shapely.Geometry:
    """The hexagon's outline in degrees (lon, lat), cut at the antimeridian."""
    corners = [(round(lon, 5), round(lat, 5)) for lat, lon in h3.cell_to_boundary(cell)]
    return normalise(shapely.Polygon(corners))


def _towns(cells: Collection[int]) -> dict[int, str]:
    """The most populous town of each hexagon that has one."""
    spans = [span(cell) for cell in cells]
    if not spans:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _TOWNS,
            [list(cells), [first for first, _last in spans], [last for _first, last in spans]],
        )
        return dict(cursor.fetchall())


def span(cell: int) -> tuple[int, int]:
    """Between which cells of resolution 7 all those of a hexagon lie."""
    resolution = h3.get_resolution(cell)
    finest = (cell & ~(0xF << _RES_SHIFT)) | (RESOLUTION << _RES_SHIFT)
    return finest & ~_below(resolution), finest | _below(resolution)


def _below(resolution: int) -> int:
    """The bits of the steps from a resolution down to the one that stays keep."""
    return (1 << _BITS * (_FINEST - resolution)) - (1 << _BITS * (_FINEST - RESOLUTION))


# Each hexagon asks the index of cells for its own towns.
_TOWNS = """
SELECT spans.hexagon, town.name
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS spans(hexagon, low, high),
LATERAL (
    SELECT name FROM geography_place WHERE cell BETWEEN spans.low AND spans.high
    ORDER BY population DESC, id LIMIT 1
) AS town
"""
