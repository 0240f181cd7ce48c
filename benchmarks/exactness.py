"""Who is really in an area, worked out beside the portal: from exact points, from the outlines that
H3 itself gives, and from discs drawn by Vincenty's formula. Nothing of `geography` is asked.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt
import shapely
from django.db import connection
from shapely.geometry.base import BaseGeometry

from registrations.enums import Precision
from tests.geodesics import travel

_BEARINGS = np.linspace(0, 360, 72, endpoint=False).tolist()
# An outline's edges are great circles, drawn here straight in degrees, and a disc is drawn with
# corners: what is counted may lie outside by this much, which is a few metres.
_CELL_SWELL, _DISC_SWELL = 1.01, 1.002
# Degrees of latitude within which a pin's cell, or a town's disc, may still touch.
_CELL_REACH, _DISC_REACH = 0.05, 0.6

_STAYS = """
SELECT drawn.person, drawn.precision = '{pin}', drawn.cell, drawn.place_id,
    COALESCE(drawn.latitude, place.latitude), COALESCE(drawn.longitude, place.longitude),
    place.radius_m
FROM ({stays}) AS stay JOIN drawn ON drawn.stay = stay.id
    JOIN geography_place AS place ON place.id = drawn.place_id
WHERE drawn.precision IN ('{pin}', '{place}')
"""
_COUNTED = "SELECT number FROM drawn_person JOIN audience ON audience.person_id = drawn_person.id"

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Wrong:
    """People who must be counted and are not; people who are though nothing of theirs touches."""

    missed: int
    over: int


@dataclass(frozen=True, slots=True)
class Stays:
    """Stays known by a pin or a town, column by column; a town's point is its centre."""

    person: Whole
    is_pin: Bools
    cell: Whole
    place: Whole
    latitude: Floats
    longitude: Floats
    radius_m: Floats

    @classmethod
    def load(cls, found: Any) -> Stays:
        """Those of a query set of stays, as they were drawn."""
        sql, parameters = found.values("id").query.sql_with_params()
        words = {"pin": Precision.PIN.value, "place": Precision.PLACE.value}
        with connection.cursor() as cursor:
            cursor.execute(_STAYS.format(stays=sql, **words), parameters)
            columns = list(zip(*cursor.fetchall(), strict=True))
        kinds = (np.int64, bool, np.int64, np.int64, float, float, float)
        return cls(*(np.array(each, kind) for each, kind in zip(columns, kinds, strict=True)))

    def compare(self, shape: BaseGeometry, counted: Set[int]) -> Wrong:
        """Hold the numbers of the people counted against the polygons (lon, lat degrees)."""
        shapely.prepare(shape)
        must = shapely.intersects_xy(shape, self.longitude, self.latitude)
        may = must.copy()
        for chosen, keys, reach, outline, larger in (
            (self.is_pin, self.cell, _CELL_REACH, self._cell, _CELL_SWELL),
            (~self.is_pin, self.place, _DISC_REACH, self._disc, _DISC_SWELL),
        ):
            # A pin in the area touches it, but its cell may do so where the pin does not.
            rows = np.flatnonzero(chosen & ~must)
            rows = rows[self._near(shape, rows, reach)]
            _distinct, first, which = np.unique(keys[rows], return_index=True, return_inverse=True)
            for touching, swell in ((must, 1.0), (may, larger)):
                outlines = [outline(row, swell) for row in rows[first].tolist()]
                touching[rows] |= _touches(shape, outlines)[which]
        may |= must
        in_it, perhaps = set(self.person[must].tolist()), set(self.person[may].tolist())
        return Wrong(missed=len(in_it - counted), over=len(counted - perhaps))

    def _near(self, shape: BaseGeometry, rows: Whole, reach: float) -> Bools:
        reaches = reach / np.cos(np.radians(np.clip(self.latitude[rows], -84, 84)))
        near = np.zeros(len(rows), dtype=bool)
        for turn in (-360, 0, 360):
            points = shapely.points(self.longitude[rows] + turn, self.latitude[rows])
            near |= shapely.dwithin(shape, points, reaches)
        return near

    def _cell(self, row: int, swell: float) -> Floats:
        """Corners of the cell a pin lies in, longitudes continuous about its centre."""
        middle = np.array(h3.cell_to_latlng(int(self.cell[row])))
        offset = np.array(h3.cell_to_boundary(int(self.cell[row]))) - middle
        offset[:, 1] = (offset[:, 1] + 180) % 360 - 180
        return (middle + offset * swell)[:, ::-1]

    def _disc(self, row: int, swell: float) -> Floats:
        latitude, longitude = float(self.latitude[row]), float(self.longitude[row])
        metres = float(self.radius_m[row]) * swell
        edge = np.array([travel(latitude, longitude, bearing, metres) for bearing in _BEARINGS])
        edge[:, 1] = longitude + (edge[:, 1] - longitude + 180) % 360 - 180
        return edge[:, ::-1]


def counted() -> set[int]:
    """The numbers of the people in the temporary table."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED)
        return {number for (number,) in cursor.fetchall()}


def _touches(shape: BaseGeometry, outlines: list[Floats]) -> Bools:
    touches = np.zeros(len(outlines), dtype=bool)
    for turn in (-360, 0, 360):
        aside = np.array([turn, 0])
        turned = [shapely.Polygon(corners + aside) for corners in outlines]
        touches |= shapely.intersects(shape, np.array(turned, dtype=object))
    return touches
