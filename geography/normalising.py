"""Brings any polygon into longitudes -180 to 180, cut at the antimeridian, closed over a pole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

# Edges longer than this are divided: an edge of more than 180 degrees would read as the short way
# round the Earth.
_LONGEST_EDGE = 90.0
# How many degrees beyond the antimeridian a cell's box may reach (see sphere.cap_bounds).
SIGHT = 45.0
_Ring = npt.NDArray[np.float64]


def normalise(geometry: BaseGeometry) -> BaseGeometry:
    """A valid polygon or multipolygon on one sheet of the map; normalising twice changes nothing.

    An edge that spans more than 180 degrees of longitude is read as crossing the antimeridian
    (RFC 7946). A ring that goes once round the Earth holds the nearer pole. Self-crossing rings
    are repaired; lines and points are dropped.
    """
    return geometry if is_normal(geometry) else repair(geometry)


def repair(geometry: BaseGeometry) -> BaseGeometry:
    """The same for a geometry that `is_normal` denies, which takes long to find out twice."""
    parts = [_polygon(part) for part in polygons_of(geometry)]
    return shapely.segmentize(only_polygons(shapely.union_all(parts)), _LONGEST_EDGE)


def polygons_of(geometry: BaseGeometry) -> Iterator[shapely.Polygon]:
    """Every polygon, however deep the collections that hold it."""
    for part in shapely.get_parts(geometry).tolist():
        if isinstance(part, shapely.Polygon):
            if not part.is_empty:
                yield part
        elif shapely.get_dimensions(part) == 2:
            yield from polygons_of(part)


def as_one(polygons: Iterable[shapely.Polygon]) -> BaseGeometry:
    """One polygon as itself, several as a multipolygon, so that equal areas look alike."""
    parts = list(polygons)
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def only_polygons(geometry: BaseGeometry) -> BaseGeometry:
    """The polygons of a geometry, without the lines and points that repairs leave behind."""
    if geometry.geom_type in {"Polygon", "MultiPolygon"}:
        return geometry
    return shapely.union_all(list(polygons_of(geometry)))


def around_the_world(geometry: BaseGeometry) -> BaseGeometry:
    """A normalised geometry with what its neighbours one turn to the west and east would show.

    Shapes that pass the antimeridian by up to SIGHT degrees can then be tested as they stand.
    """
    west, _, east, _ = geometry.bounds
    if geometry.is_empty or (west > SIGHT - 180 and east < 180 - SIGHT):
        return geometry
    parts = list(polygons_of(geometry))
    for turn, window in ((360, (180, -90, 180 + SIGHT, 90)), (-360, (-180 - SIGHT, -90, -180, 90))):
        turned = affinity.translate(geometry, xoff=turn)
        parts.extend(polygons_of(shapely.clip_by_rect(turned, *window)))
    # Only what meets at the seam has to be joined; joining a long coast is slow.
    bounds = shapely.bounds(parts)
    at_seam = (np.abs(np.abs(bounds[:, ::2]) - 180) < 1e-9).any(axis=1)
    joined = shapely.union_all([part for part, seam in zip(parts, at_seam, strict=True) if seam])
    rest = [part for part, seam in zip(parts, at_seam, strict=True) if not seam]
    return shapely.MultiPolygon([*rest, *polygons_of(joined)])


def is_normal(geometry: BaseGeometry) -> bool:
    """Whether the geometry is valid polygons on one sheet of the map already."""
    if geometry.geom_type not in {"Polygon", "MultiPolygon"} or geometry.is_empty:
        return False
    west, south, east, north = geometry.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        return False
    if east - west > _LONGEST_EDGE and _longest_edge(geometry) > _LONGEST_EDGE + 1e-9:
        return False
    return bool(geometry.is_valid)


def _longest_edge(geometry: BaseGeometry) -> float:
    points, part = shapely.get_coordinates(
        shapely.get_rings(shapely.get_parts(geometry)), return_index=True
    )
    steps = np.abs(np.diff(points[:, 0]))
    return float(steps[part[1:] == part[:-1]].max(initial=0))


def _polygon(polygon: shapely.Polygon) -> BaseGeometry:
    """One polygon, its holes taken out after every ring has been brought onto the sheet."""
    shell = _ring(np.asarray(polygon.exterior.coords)[:, :2])
    holes = [_ring(np.asarray(ring.coords)[:, :2]) for ring in polygon.interiors]
    return shapely.difference(shell, shapely.union_all(holes)) if holes else shell


def _ring(ring: _Ring) -> BaseGeometry:
    steps = np.diff(ring[:, 0])
    longitudes = ring[0, 0] + np.concatenate([[0], np.cumsum(steps - 360 * np.round(steps / 360))])
    unrolled = np.column_stack([longitudes, ring[:, 1]])
    goes_round = abs(abs(longitudes[-1] - longitudes[0]) - 360) < 1e-6
    if (np.abs(np.abs(steps) - 360) < 1e-9).any():
        # An edge from -180 to 180 runs the whole width of the map (a band, Antarctica), or is a
        # seam where a shape that passes the antimeridian was sewn together (Fiji). Sewn rings
        # close when the seam counts for nothing, and still hold something.
        if goes_round or shapely.Polygon(unrolled).area < 1e-9:
            unrolled = ring
    elif goes_round:
        unrolled = _over_the_pole(unrolled)
    return _on_one_sheet(_repaired(shapely.Polygon(unrolled)))


def _repaired(geometry: BaseGeometry) -> BaseGeometry:
    """What a ring goes round twice stays inside: the middle of a star is no hole.

    The other method would call it one, and takes minutes where a few hundred sides cross.
    """
    if geometry.is_valid:
        return only_polygons(geometry)
    repaired = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    return only_polygons(repaired)


def _over_the_pole(ring: _Ring) -> _Ring:
    pole = 90.0 if ring[:, 1].mean() > 0 else -90.0
    return np.vstack([ring, [ring[-1, 0], pole], [ring[0, 0], pole]])


def _on_one_sheet(geometry: BaseGeometry) -> BaseGeometry:
    west, _, east, _ = geometry.bounds
    if geometry.is_empty or (west >= -180 and east <= 180):
        return geometry
    pieces = []
    for turn in range(int(np.floor((west + 180) / 360)), int(np.ceil((east - 180) / 360)) + 1):
        turned = affinity.translate(geometry, xoff=-360.0 * turn)
        sheet = shapely.clip_by_rect(turned, -180, -90, 180, 90)
        pieces.append(_repaired(sheet))
    return shapely.union_all(pieces)
