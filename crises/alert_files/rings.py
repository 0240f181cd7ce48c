"""Rings as files write them (lon, lat) to valid polygons: closed, uncrossed, cut at 180 degrees."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely
from django.utils.translation import gettext as _
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry

from crises.alert_files.errors import AlertFileError
from geography.areas import Area, InvalidArea

Points = npt.NDArray[np.float64]

MAX_VERTICES = 100_000
# Repairing costs time for each crossing, and a random scrawl has the square of its points: this
# many, over the whole file, take about a second.
MAX_CROSSINGS = 30_000
# Even asking whether a polygon is valid costs time for each pair of sides that come near each
# other: a star of 99,000 spikes takes half a minute, a real coast of as many points a tenth of a
# second.
MAX_NEAR_PAIRS = 3_000_000
# Up to so many sides all pairs are taken to be near, which is faster than asking. MAX_VERTICES in
# rings of this length stay within MAX_NEAR_PAIRS.
_FEW_SIDES = 50
# Each ring takes a tenth of a millisecond or two here, and as much again to be joined to the rest.
MAX_RINGS = 5_000
_CIRCLE_CORNERS = 96
# Longer edges are divided: later steps read one of more than 180 degrees as the short way round.
_LONGEST_EDGE = 90.0
# What a repair leaves that is smaller than this part of the largest piece is no area, but rounding.
_SLIVER = 1e-9


class RingMender:
    """Mends the rings of one file, and counts what that may cost over all of them."""

    def __init__(self) -> None:
        self.vertices_left = MAX_VERTICES
        self.rings_left = MAX_RINGS
        self.crossings_left = MAX_CROSSINGS
        self.near_pairs_left = MAX_NEAR_PAIRS

    def mend(
        self, rings: Sequence[Points], remarks: list[str], *, may_swap: bool = True
    ) -> list[Polygon]:
        """The valid polygons of an outer ring and its holes, each an array (n, 2) of lon, lat.

        Several when the ring crosses itself or 180 degrees. What was done is added to `remarks`.
        With `may_swap`, rings that only make sense as lat, lon are read so. Raises AlertFileError
        when they enclose nothing, lie nowhere on earth, or would take too long.
        """
        self.count(sum(len(ring) for ring in rings), len(rings))
        if may_swap and swapped_for_sure(rings):
            rings = [ring[:, ::-1] for ring in rings]
            remarks.append(
                _("Latitude and longitude were swapped, and were read the other way round.")
            )
        for ring in rings:
            check_range(ring)
        closed = [_close(ring, remarks) for ring in rings]
        unrolled = [unroll(ring) for ring in closed]
        if any(ring is not before for ring, before in zip(unrolled, closed, strict=True)):
            remarks.append(
                _("The area crosses the 180th meridian, and was read the short way round.")
            )
            pieces = self._around_the_world(unrolled, remarks)
        else:
            pieces = self._repair(_polygon(unrolled), remarks)
            pieces = [part for piece in pieces for part in into_the_map(piece)]
        if not pieces:
            raise AlertFileError(_("Its points lie on one line, and enclose nothing."))
        remarks[:] = list(dict.fromkeys(remarks))
        return pieces

    def disc(self, latitude: float, longitude: float, radius_km: float) -> list[Polygon]:
        """The polygons of a circle on the ground. Raises AlertFileError where there is none."""
        self.count(_CIRCLE_CORNERS)
        turns = round(longitude / 360) if 180 < abs(longitude) <= 540 else 0
        try:
            return polygons_of(Area.circle(latitude, longitude - 360 * turns, radius_km).geometry)
        except InvalidArea as error:
            raise AlertFileError(str(error)) from error

    def count(self, vertices: int, rings: int = 1) -> None:
        """Take so many points and rings from what the whole file may have."""
        self.vertices_left -= vertices
        self.rings_left -= rings
        if self.vertices_left < 0:
            raise TooManyVertices
        if self.rings_left < 0:
            raise TooManyRings

    def count_crossings(self, pairs: int) -> None:
        """Take what repairing so many pairs of sides costs from what the whole file may cost."""
        self.crossings_left -= pairs
        if self.near_pairs_left < 0 or self.crossings_left < 0:
            raise TooManyCrossings

    def _around_the_world(self, unrolled: list[Points], remarks: list[str]) -> list[Polygon]:
        """Holes are taken out on the map, for each ring may have been carried its own way round."""
        shell, *holes = (
            MultiPolygon(
                [
                    part
                    for piece in self._repair(Polygon(ring), remarks)
                    for part in into_the_map(piece)
                ]
            )
            for ring in unrolled
        )
        return polygons_of(shell.difference(shapely.union_all(holes)) if holes else shell)

    def _repair(self, polygon: Polygon, remarks: list[str]) -> list[Polygon]:
        near = near_pairs(sides_of(polygon), self.near_pairs_left)
        self.near_pairs_left -= near
        if self.near_pairs_left >= 0 and polygon.is_valid:
            return polygons_of(polygon)
        self.count_crossings(near)
        # "structure" keeps what lies inside twice, and takes seconds where "linework", which
        # drops it, takes minutes.
        valid = shapely.make_valid(polygon, method="structure", keep_collapsed=False)
        remarks.append(_("It crosses itself, and was repaired. Check it on the map."))
        pieces = polygons_of(valid)
        most = max((piece.area for piece in pieces), default=0.0)
        return [piece for piece in pieces if piece.area > most * _SLIVER]


class TooMuch(AlertFileError):
    """More than can be read in time: of such a file no part can be trusted."""


class TooManyRings(TooMuch):
    def __init__(self) -> None:
        super().__init__(
            _("The area has more than %(most)s rings. Leave out the small ones, or simplify it.")
            % {"most": f"{MAX_RINGS:,}"}
        )


class TooManyVertices(TooMuch):
    def __init__(self) -> None:
        super().__init__(
            _("The area has more than %(most)s points. Simplify it, or type a place and a radius.")
            % {"most": f"{MAX_VERTICES:,}"}
        )


class TooManyCrossings(TooMuch):
    def __init__(self) -> None:
        super().__init__(
            _("An area crosses or nearly meets itself in too many places. Simplify it.")
        )


def swapped_for_sure(rings: Sequence[Points]) -> bool:
    """Whether latitudes lie beyond 90 degrees, and none would, were they the longitudes."""
    points = np.abs(np.concatenate([*rings, np.empty((0, 2))]))
    if not len(points):
        return False
    return bool(points[:, 1].max() > 90 and points[:, 1].max() <= 360 and points[:, 0].max() <= 90)


def check_range(points: Points) -> None:
    """Raise AlertFileError for a point that is nowhere on earth (or not a number), by its place."""
    # A few feeds run on past 180 degrees instead of starting again at -180.
    right = (np.abs(points[:, 1]) <= 90) & (np.abs(points[:, 0]) <= 360)
    if not right.all():
        row = int(np.argmin(right))
        raise AlertFileError(
            _("Point %(number)d lies nowhere on earth: latitude %(latitude)s, longitude %(east)s.")
            % {
                "number": row + 1,
                "latitude": f"{points[row][1]:g}",
                "east": f"{points[row][0]:g}",
            }
        )


def unroll(ring: Points) -> Points:
    """Carry a closed ring across 180 degrees the short way; over a pole, if it goes round one.

    Returns the ring itself where it does not cross.
    """
    steps = np.diff(ring[:, 0])
    if not (np.abs(steps) > 180).any():
        return ring
    turns = np.where(np.abs(steps) > 180, -360 * np.round(steps / 360), 0.0)
    unrolled = ring.copy()
    unrolled[1:, 0] += np.cumsum(turns)
    turn = unrolled[-1, 0] - unrolled[0, 0]
    # An edge from -180 to 180 runs the whole width of the map (Antarctica, the world), unless the
    # ring closes without it (a shape across 180 degrees that was sewn together there).
    is_seam = (np.abs(np.abs(steps) - 360) < 1e-9).any()
    if is_seam and (abs(turn) > 180 or Polygon(unrolled).area < 1e-9):
        return ring
    if abs(turn) > 180:
        pole = math.copysign(90.0, float(ring[:, 1].mean()))
        end = [[unrolled[-1, 0], pole], [unrolled[0, 0], pole], unrolled[0]]
        unrolled = np.vstack([unrolled, end])
    return unrolled


def sides_of(*shapes: BaseGeometry) -> Points:
    """Every side of rings or lines, by its two ends: array (sides, 2, 2)."""
    lines = [line for shape in shapes for line in shapely.get_parts(shape).tolist()]
    if lines and isinstance(lines[0], Polygon):
        lines = shapely.get_rings(lines)
    points, line = shapely.get_coordinates(lines, return_index=True)
    return np.stack([points[:-1], points[1:]], axis=1)[line[1:] == line[:-1]]


def near_pairs(corners: Points, most: int) -> int:
    """How many pairs of sides may cross, by their boxes; stops counting soon after `most`."""
    if len(corners) <= _FEW_SIDES:
        return len(corners) * len(corners) // 2
    sides = shapely.linestrings(corners)
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


def polygons_of(geometry: BaseGeometry) -> list[Polygon]:
    """Its polygons, without the lines and points that a repair may leave."""
    if isinstance(geometry, Polygon):
        return [geometry] if geometry.area > 0 else []
    return [part for piece in getattr(geometry, "geoms", ()) for part in polygons_of(piece)]


def into_the_map(polygon: Polygon) -> list[Polygon]:
    """The polygon within longitudes -180 to 180, in several pieces where it runs over."""
    west, _south, east, _north = polygon.bounds
    if west >= -180 and east <= 180:
        parts = [polygon]
    else:
        sheet = box(-180, -90, 180, 90)
        parts = [
            part
            for turn in (-720, -360, 0, 360, 720)
            for part in polygons_of(translate(polygon, turn).intersection(sheet))
        ]
    return parts if east - west <= _LONGEST_EDGE else list(shapely.segmentize(parts, _LONGEST_EDGE))


def _close(ring: Points, remarks: list[str]) -> Points:
    if len(ring) and not np.array_equal(ring[0], ring[-1]):
        ring = np.vstack([ring, ring[:1]])
        remarks.append(_("It was not closed: its last point was joined to its first."))
    if len(np.unique(ring[:-1] @ [1, 1j])) < 3:
        raise AlertFileError(_("It has fewer than four points, and encloses nothing."))
    return ring


def _polygon(rings: list[Points]) -> Polygon:
    return Polygon(rings[0], rings[1:])
