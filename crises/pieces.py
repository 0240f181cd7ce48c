"""The pieces that an area is put together from, as an unfinished area keeps them in JSON.

A piece is `{"id", "operation", "kind", "label", "geometry", "country_codes", "region_codes"}`, and
for a circle or a place also `latitude`, `longitude` (degrees) and `radius_km`. The geometry is
GeoJSON (lon, lat). What a circle, a country or a region looks like is worked out here and never
believed from outside.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _
from shapely.geometry import Polygon

from crises.alert_files.errors import AlertFileError
from crises.alert_files.rings import Points, RingMender
from crises.enums import Operation, PieceKind
from geography.areas import Area, InvalidArea
from geography.countries import country_name
from geography.labels import label_place
from geography.models import Place
from registrations.validation import tidy

Piece = dict[str, Any]

MOST_PIECES = 500
# Points of all pieces together: half as many again as their area may have. Five hundred whole
# continents would fill the memory.
MOST_POINTS = 150_000
LONGEST_LABEL = 200


def circle_piece(
    latitude: float,
    longitude: float,
    radius_km: float,
    *,
    label: str = "",
    kind: PieceKind = PieceKind.CIRCLE,
    operation: str = Operation.ADD,
) -> Piece:
    """Degrees and kilometres. Raises InvalidArea, as do those below."""
    piece = _piece(kind, Area.circle(latitude, longitude, radius_km), operation, label)
    return (
        piece
        | {"latitude": latitude, "longitude": longitude, "radius_km": radius_km}
        | {"label": piece["label"] or _circle_label(f"{latitude:.3f}, {longitude:.3f}", radius_km)}
    )


def place_piece(place: Place, radius_km: float, *, operation: str = Operation.ADD) -> Piece:
    return circle_piece(
        place.latitude,
        place.longitude,
        radius_km,
        label=_circle_label(label_place(place), radius_km),
        kind=PieceKind.PLACE,
        operation=operation,
    )


def rectangle_piece(
    south: float, west: float, north: float, east: float, *, operation: str = Operation.ADD
) -> Piece:
    """Degrees. A western edge east of the eastern one runs across the 180th meridian."""
    if not -90 <= south < north <= 90:
        raise InvalidArea(_("The northern edge must lie north of the southern one."))
    if not (-180 <= west <= 180 and -180 <= east <= 180):
        raise InvalidArea(_("The western and the eastern edge lie between -180 and 180 degrees."))
    width = (east - west) % 360 or 360.0
    area = _box(south, west, north, west + width)
    label = _("%(south)s to %(north)s north, %(west)s to %(east)s east") % {
        "south": f"{south:g}°", "north": f"{north:g}°", "west": f"{west:g}°", "east": f"{east:g}°",
    }  # fmt: skip
    return _piece(PieceKind.RECTANGLE, area, operation, label)


def polygon_piece(
    points: Sequence[tuple[float, float]], *, label: str = "", operation: str = Operation.ADD
) -> Piece:
    """Three or more corners as (latitude, longitude)."""
    ring = [[longitude, latitude] for latitude, longitude in points]
    drawn = {"type": "Polygon", "coordinates": [ring]}
    area = Area.from_polygons(_mended(drawn, RingMender(), straight=False))
    named = label or _("A shape with %(number)d corners") % {"number": len(points)}
    return _piece(PieceKind.POLYGON, area, operation, named)


def country_piece(codes: Iterable[str], *, operation: str = Operation.ADD) -> Piece:
    area = Area.countries(sorted(set(codes)))
    label = ", ".join(country_name(code) for code in area.country_codes)
    return _piece(PieceKind.COUNTRY, area, operation, label)


def region_piece(code: str, *, label: str, operation: str = Operation.ADD) -> Piece:
    return _piece(PieceKind.REGION, Area.regions([code]), operation, label)


def area_piece(area: Area, *, label: str, operation: str = Operation.ADD) -> Piece:
    """An area as it is: out of a file, or the one that a crisis has."""
    return _piece(PieceKind.FILE, area, operation, label)


def read_pieces(given: Any) -> list[Piece]:
    """Pieces as a browser sends them, checked and worked out anew. Raises InvalidArea."""
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise InvalidArea(_unreadable())
    _check_number(len(given))
    mender = RingMender()
    taken: set[str] = set()
    read = []
    points = 0
    for one in given:
        piece = _read(one, mender)
        points += _points_of(piece)
        _check_points(points)
        known = str(one.get("id"))
        if len(known) == 8 and known.isalnum() and known not in taken:
            piece["id"] = known
        taken.add(piece["id"])
        read.append(piece)
    return read


def check_amount(pieces: Sequence[Piece]) -> None:
    """Raise InvalidArea for more pieces, or points of them, than can be put together in time."""
    _check_number(len(pieces))
    _check_points(sum(_points_of(piece) for piece in pieces))


def essence(piece: Piece) -> str:
    """All of a piece but its own number: what a second click sends again."""
    return json.dumps(
        {name: value for name, value in piece.items() if name != "id"}, sort_keys=True
    )


def _points_of(piece: Piece) -> int:
    drawn = piece["geometry"]["coordinates"]
    polygons = drawn if piece["geometry"]["type"] == "MultiPolygon" else [drawn]
    return sum(len(ring) for polygon in polygons for ring in polygon)


def _check_points(number: int) -> None:
    if number > MOST_POINTS:
        raise InvalidArea(
            _("The pieces have more than %(most)d points together. Take some away first.")
            % {"most": MOST_POINTS}
        )


def _check_number(number: int) -> None:
    if number > MOST_PIECES:
        raise InvalidArea(
            _("An area holds at most %(most)d pieces. Take some away first.")
            % {"most": MOST_PIECES}
        )


def geometry_of(piece: Piece) -> Area:
    """The piece as an area of its own."""
    return Area.from_geojson(
        {
            "type": "Feature",
            "geometry": piece["geometry"],
            "portal_countries": piece["country_codes"],
            "portal_regions": piece["region_codes"],
        }
    )


def label_of(pieces: Iterable[Piece]) -> str:
    """What the area is called until somebody gives it a better name."""
    added = [piece for piece in pieces if piece["operation"] == Operation.ADD]
    if len(added) == 1:
        return str(added[0]["label"])
    # Among several, a town's own name says enough: neither its country nor its radius.
    names = dict.fromkeys(
        re.split(r"[,،、]", piece["label"])[0] if piece["kind"] == PieceKind.PLACE
        else piece["label"]
        for piece in added
    )  # fmt: skip
    return ", ".join(names)[:LONGEST_LABEL]


def _read(one: dict[str, Any], mender: RingMender) -> Piece:
    operation, kind = one.get("operation"), one.get("kind")
    if operation not in Operation.values or kind not in PieceKind.values:
        raise InvalidArea(_unreadable())
    # What cannot be seen the database may not hold either.
    label = tidy(str(one.get("label") or ""))[:LONGEST_LABEL]
    if kind in {PieceKind.CIRCLE, PieceKind.PLACE}:
        return circle_piece(
            *(_number(one.get(name)) for name in ("latitude", "longitude", "radius_km")),
            label=label,
            kind=PieceKind(kind),
            operation=operation,
        )
    countries, regions = _codes(one.get("country_codes")), _codes(one.get("region_codes"))
    if kind == PieceKind.COUNTRY:
        return country_piece(countries, operation=operation) | ({"label": label} if label else {})
    if kind == PieceKind.REGION:
        return _piece(PieceKind.REGION, Area.regions(regions), operation, label or regions[0])
    named = [Area.countries(countries)] if countries else []
    named += [Area.regions(regions)] if regions else []
    polygons = _mended(one.get("geometry"), mender, straight=kind == PieceKind.RECTANGLE)
    shape = Area.from_polygons(polygons)
    area = Area.union([shape, *named]) if named else shape
    return _piece(PieceKind(kind), area, operation, label or str(PieceKind(kind).label))


def _piece(kind: PieceKind, area: Area, operation: str, label: str) -> Piece:
    return {
        "id": secrets.token_hex(4),
        "operation": str(operation),
        "kind": str(kind),
        "label": label[:LONGEST_LABEL],
        "geometry": shapely.geometry.mapping(area.geometry),
        "country_codes": list(area.country_codes),
        "region_codes": list(area.region_codes),
    }


def _circle_label(where: str, radius_km: float) -> str:
    return _("%(where)s, within %(radius)s km") % {"where": where, "radius": f"{radius_km:g}"}


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidArea(_("A circle needs a latitude, a longitude and a radius in kilometres."))
    try:
        return float(value)
    except OverflowError as error:  # A whole number of hundreds of digits.
        raise InvalidArea(_unreadable()) from error


def _codes(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _box(south: float, west: float, north: float, east: float) -> Area:
    # Without corners in between, an edge of more than 180 degrees would go the other way round.
    return Area.from_polygons([shapely.segmentize(shapely.box(west, south, east, north), 45)])


def _mended(geometry: Any, mender: RingMender, *, straight: bool) -> list[Polygon]:
    """A Polygon or MultiPolygon of GeoJSON; crossings are repaired within a bounded time.

    With `straight`, every edge runs along the map however long it is.
    """
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    drawn = geometry["coordinates"] if kind in {"Polygon", "MultiPolygon"} else []
    polygons = []
    try:
        for rings in drawn if kind == "MultiPolygon" else [drawn]:
            arrays = [np.array(ring, dtype=np.float64)[:, :2] for ring in rings]
            if straight:
                arrays = [_with_corners_between(ring) for ring in arrays]
            # Where somebody drew is where it is: nothing is exchanged behind their back.
            polygons += mender.mend(arrays, [], may_swap=False)
    except AlertFileError as error:
        raise InvalidArea(str(error)) from error
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise InvalidArea(_unreadable()) from error
    return polygons


def _with_corners_between(ring: Points) -> Points:
    return shapely.get_coordinates(shapely.segmentize(shapely.LineString(ring), 45))


def _unreadable() -> str:
    return _("The drawing cannot be read. Load the page again.")
