"""Polygons and circles as CAP writes them ("lat,lon lat,lon", "lat,lon radius") to geometry."""

from __future__ import annotations

import math
import re

import numpy as np
import shapely
from django.utils.translation import gettext as _
from shapely.affinity import translate
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from crises.alert_files.alert import Circle
from crises.alert_files.errors import AlertFileError, SwappedCoordinates

MAX_VERTICES = 100_000
# Repairing costs time for each crossing, and a random scrawl has the square of its points: this
# many, over the whole file, take about a second.
MAX_CROSSINGS = 30_000
# Even asking whether a polygon is valid costs time for each pair of sides that come near each
# other: a star of 99,000 spikes takes half a minute, a real coast of as many points a tenth of a
# second.
MAX_NEAR_PAIRS = 3_000_000
POINT_RADIUS_KM = 1.0
LARGEST_RADIUS_KM = 20_038.0

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_COMMA = re.compile(r"\s*,\s*")


class ShapeReader:
    """Reads the shapes of one file, gathering warnings and counting what repairs may cost."""

    def __init__(self, *, swapped: bool, warnings: list[str]) -> None:
        self.swapped = swapped
        self.warnings = warnings
        self.crossings_left = MAX_CROSSINGS
        self.near_pairs_left = MAX_NEAR_PAIRS

    def polygon(self, text: str) -> list[Polygon]:
        """The valid polygons of one `<polygon>`: several when it crosses itself or 180 degrees."""
        points = _read_points(text, swapped=self.swapped)
        if len(points) == 0:
            self.warnings.append(_("An empty <polygon> was left out."))
            return []
        if not np.array_equal(points[0], points[-1]):
            points = np.vstack([points, points[:1]])
            self.warnings.append(
                _("A <polygon> was not closed: its last point was joined to its first.")
            )
        if len(np.unique(points[:-1] @ [1, 1j])) < 3:
            raise AlertFileError(_("A <polygon> has fewer than four points, and encloses nothing."))
        # CAP writes latitude first, geometry wants it second.
        ring = _unwrap(points[:, ::-1].copy(), self.warnings)
        pieces = self._repair(Polygon(ring))
        if not pieces:
            raise AlertFileError(
                _("The points of a <polygon> lie on one line, and enclose nothing.")
            )
        return [part for piece in pieces for part in _into_the_map(piece)]

    def circle(self, text: str) -> Circle | None:
        parts = _COMMA.sub(",", text.strip()).split()
        if not parts:
            self.warnings.append(_("An empty <circle> was left out."))
            return None
        if len(parts) != 2 or not _NUMBER.fullmatch(parts[1]):
            raise AlertFileError(
                _("A <circle> must read “latitude,longitude radius”. This one reads “%(text)s”.")
                % {"text": _shorten(text)}
            )
        latitude, longitude = _read_points(parts[0], swapped=self.swapped)[0].tolist()
        radius = float(parts[1])
        if not 0 <= radius <= LARGEST_RADIUS_KM:
            raise AlertFileError(
                _("The radius of a <circle> must be a number of kilometres: “%(text)s” is not.")
                % {"text": _shorten(parts[1])}
            )
        if radius == 0:
            self.warnings.append(_("A <circle> of radius 0 is a point: it was widened to 1 km."))
            radius = POINT_RADIUS_KM
        turns = round(longitude / 360) if abs(longitude) > 180 else 0
        return Circle(latitude, longitude - 360 * turns, radius)

    def _repair(self, polygon: Polygon) -> list[Polygon]:
        near = _near_pairs(polygon, self.near_pairs_left)
        self.near_pairs_left -= near
        is_valid = self.near_pairs_left >= 0 and polygon.is_valid
        if not is_valid:
            self.crossings_left -= near
            if self.near_pairs_left < 0 or self.crossings_left < 0:
                raise AlertFileError(
                    _("A <polygon> crosses or nearly meets itself in too many places. Simplify it.")
                )
            # "structure" keeps what lies inside twice, and takes seconds where "linework", which
            # drops it, takes minutes.
            valid = shapely.make_valid(polygon, method="structure", keep_collapsed=False)
            self.warnings.append(
                _("A <polygon> crosses itself: it was repaired. Check it on the map.")
            )
        else:
            valid = polygon
        return _parts(valid)


def count_vertices(text: str) -> int:
    return text.count(",")


def _read_points(text: str, *, swapped: bool) -> np.ndarray:
    """Rows of (latitude, longitude), in range."""
    pairs = _COMMA.sub(",", text.strip()).split()
    points = np.empty((len(pairs), 2))
    for row, pair in enumerate(pairs):
        first, comma, second = pair.partition(",")
        if not (comma and _NUMBER.fullmatch(first) and _NUMBER.fullmatch(second)):
            raise AlertFileError(
                _("Point %(number)d of the area is not “latitude,longitude”: “%(text)s”.")
                % {"number": row + 1, "text": _shorten(pair)}
            )
        points[row] = float(first), float(second)
    if swapped:
        points = points[:, ::-1].copy()
    _check_range(points)
    return points


def _check_range(points: np.ndarray) -> None:
    latitude, longitude = points[:, 0], points[:, 1]
    # A few feeds run on past 180 degrees instead of starting again at -180.
    wrong = (np.abs(latitude) > 90) | (np.abs(longitude) > 360)
    if not wrong.any():
        return
    if (np.abs(latitude) <= 360).all() and (np.abs(longitude) <= 90).all():
        raise SwappedCoordinates(
            _(
                "Latitude and longitude seem to be swapped: the file has latitudes beyond 90 "
                "degrees. You can have them read the other way round."
            )
        )
    row = int(np.argmax(wrong))
    raise AlertFileError(
        _("Point %(number)d of the area lies nowhere on earth: “%(text)s”.")
        % {"number": row + 1, "text": f"{points[row][0]:g},{points[row][1]:g}"}
    )


def _unwrap(ring: np.ndarray, warnings: list[str]) -> np.ndarray:
    """Carry the ring across 180 degrees the short way; around a pole, if it circles one."""
    steps = np.diff(ring[:, 0])
    jumps = np.where(steps > 180, -360.0, np.where(steps < -180, 360.0, 0.0))
    if not jumps.any():
        return ring
    warnings.append(_("The area crosses the 180th meridian, and was read the short way round."))
    ring = ring.copy()
    ring[1:, 0] += np.cumsum(jumps)
    turn = ring[-1, 0] - ring[0, 0]
    if abs(turn) > 180:
        pole = math.copysign(90.0, float(ring[:, 1].mean()))
        ring = np.vstack([ring, [[ring[-1, 0], pole], [ring[0, 0], pole], ring[0]]])
    return ring


def _near_pairs(polygon: Polygon, most: int) -> int:
    """How many pairs of sides may cross, by their boxes; stops counting soon after `most`."""
    points = shapely.get_coordinates(polygon)
    sides = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))
    tree = shapely.STRtree(sides)
    # Each pair is met twice, and each side meets itself and its two neighbours.
    limit = 2 * most + 3 * len(sides)
    met, start, step = 0, 0, 8
    while start < len(sides) and met <= limit:
        found = tree.query(sides[start : start + step]).shape[1]
        met += found
        start += step
        step = min(4096, step * 2) if found < 200_000 else 8
    return max(0, met - 3 * min(start, len(sides))) // 2 + 1 if met <= limit else most + 1


def _parts(geometry: BaseGeometry) -> list[Polygon]:
    """Its polygons, without the lines and points that a repair may leave."""
    if isinstance(geometry, Polygon):
        return [geometry] if geometry.area > 0 else []
    return [part for piece in getattr(geometry, "geoms", ()) for part in _parts(piece)]


def _into_the_map(polygon: Polygon) -> list[Polygon]:
    west, _south, east, _north = polygon.bounds
    if west >= -180 and east <= 180:
        return [polygon]
    sheet = box(-180, -90, 180, 90)
    return [
        part
        for turn in (-720, -360, 0, 360, 720)
        for part in _parts(translate(polygon, turn).intersection(sheet))
    ]


def _shorten(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
