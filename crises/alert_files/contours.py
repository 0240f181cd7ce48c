"""Lines of equal value to areas of at least that value, closed along the map's edge where cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from django.utils.translation import gettext as _
from shapely.geometry import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from crises.alert_files.rings import (
    Points,
    RingMender,
    into_the_map,
    near_pairs,
    polygons_of,
    sides_of,
)

Box = tuple[float, float, float, float]
# Beyond this the sides of a map are not told apart: real maps cut a contour a few times.
_MOST_CUTS = 60
# Parts of the map's width: an end this near to the edge lies on it, a gap this small is closed.
_AT_THE_EDGE = 0.005
_SMALL_GAP = 0.01


@dataclass(slots=True)
class Level:
    """The lines of one value: closed ones, and those that end at the edge of the map."""

    value: float
    rings: list[Points] = field(default_factory=list)
    cuts: list[Points] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[Points]:
        return self.rings + self.cuts


def sort_lines(value: float, lines: Sequence[Points], edge: Box) -> Level:
    """Tell closed lines from cut ones, and say which could not be closed."""
    level = Level(value)
    width = max(edge[2] - edge[0], edge[3] - edge[1])
    at_the_edge = _AT_THE_EDGE * width
    lost = 0
    for line in lines:
        if len(line) >= 3 and np.array_equal(line[0], line[-1]):
            level.rings.append(line)
        elif len(line) >= 2 and max(_gap(end, edge) for end in line[[0, -1]]) <= at_the_edge:
            level.cuts.append(_to_the_edge(line, edge))
        elif len(line) >= 3 and np.abs(line[0] - line[-1]).max() <= _SMALL_GAP * width:
            level.rings.append(np.vstack([line, line[:1]]))
            level.remarks.append(_("A line that was almost closed was closed."))
        else:
            lost += 1
    if lost:
        level.remarks.append(
            _("%(count)d of its lines end inside the map, could not be closed, and were left out.")
            % {"count": lost}
        )
    return level


def nested_areas(
    levels: Sequence[Level], edge: Box, summit: tuple[float, float] | None, mender: RingMender
) -> list[list[Polygon]]:
    """For each level, ascending by value, the polygons of at least that value; may be empty.

    Each holds those of every higher level, and what it encloses of weaker ones. `summit` (lon,
    lat) lies high, where nothing else tells which side of a cut line does.
    """
    areas: list[list[Polygon]] = []
    above: list[Polygon] = []
    for number in range(len(levels) - 1, -1, -1):
        level = levels[number]
        pieces = [part for ring in level.rings for part in mender.mend([ring], level.remarks)]
        votes = _votes(levels, number, shapely.union_all(pieces))
        if level.cuts:
            faces = _high_faces(level, votes, edge, summit, mender)
        else:
            # Nothing weaker is drawn, and stronger shaking lies outside every line of this one:
            # the map ends before the shaking falls so far.
            faces = [box(*edge)] if len(votes) and (votes[:, 2] > 0).all() else []
        pieces += [part for face in faces for part in into_the_map(face)]
        joined = shapely.union_all([*pieces, *above])
        above = [Polygon(part.exterior) for part in polygons_of(joined)]
        areas.append(above if pieces else [])
    return areas[::-1]


def _votes(levels: Sequence[Level], number: int, inside: BaseGeometry) -> Points:
    """Rows of lon, lat, +1 or -1: where lines of the other levels say it is higher or lower.

    What lies within this level's closed lines says nothing of the rest of the map.
    """
    rows = [
        (*line[len(line) // 2], 1.0 if other > number else -1.0)
        for other, level in enumerate(levels)
        if other != number
        for line in level.lines
    ]
    votes = np.array(rows).reshape(-1, 3)
    on_the_map = (votes[:, 0] + 180) % 360 - 180
    shapely.prepare(inside)
    return votes[~shapely.contains_xy(inside, on_the_map, votes[:, 1])]


def _high_faces(
    level: Level,
    votes: Points,
    edge: Box,
    summit: tuple[float, float] | None,
    mender: RingMender,
) -> list[Polygon]:
    """Of the faces into which the cut lines divide the map, those that lie high."""
    if len(level.cuts) > _MOST_CUTS:
        level.remarks.append(
            _("The edge of the map cuts it in too many places for its sides to be told apart.")
        )
        return []
    frame = box(*edge)
    lines = [LineString(line) for line in level.cuts]
    near = near_pairs(sides_of(*lines), mender.near_pairs_left)
    mender.near_pairs_left -= near
    mender.count_crossings(near if near > len(sides_of(*lines)) else 0)
    noded = shapely.union_all([frame.exterior, *lines])
    faces = polygons_of(shapely.polygonize(shapely.get_parts(noded)))
    if summit is not None:
        # Where the earthquake was counts only where no line says anything.
        votes = votes if len(votes) else np.array([[*summit, 1.0]])
    known = [_vote(face, votes) for face in faces]
    sides = zip(faces, _coloured(faces, known), strict=True)
    high = [face for face, side in sides if side > 0]
    level.remarks.append(
        _("It is cut by the edge of the map, and was closed there: it may reach further.")
        if high
        else _("It is cut by the edge of the map, and nothing tells which side shook more.")
    )
    return high


def _vote(face: Polygon, votes: Points) -> int:
    shapely.prepare(face)
    return int(np.sign(votes[shapely.contains_xy(face, votes[:, 0], votes[:, 1]), 2].sum()))


def _coloured(faces: list[Polygon], known: list[int]) -> list[int]:
    """The side of every face: the other one than its neighbours', where no line says it."""
    tree = shapely.STRtree(faces)
    sides = list(known)
    waiting = [number for number, side in enumerate(sides) if side]
    while waiting:
        number = waiting.pop()
        for other in tree.query(faces[number], predicate="intersects").tolist():
            if not sides[other] and faces[number].intersection(faces[other]).length > 0:
                sides[other] = -sides[number]
                waiting.append(other)
    return sides


def _gap(point: Points, edge: Box) -> float:
    """Degrees from a point to the nearest side of the map's edge."""
    west, south, east, north = edge
    lon, lat = point
    return float(min(abs(lon - west), abs(east - lon), abs(lat - south), abs(north - lat)))


def _to_the_edge(line: Points, edge: Box) -> Points:
    """The line with its ends moved onto the edge, so that they meet it exactly."""
    line = line.copy()
    west, south, east, north = edge
    for row in (0, -1):
        lon, lat = line[row]
        gaps = [abs(lon - west), abs(east - lon), abs(lat - south), abs(north - lat)]
        side = int(np.argmin(gaps))
        line[row, side // 2] = (west, east, south, north)[side]
    return line
