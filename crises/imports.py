"""What an alert file says of where, as it is kept while an officer looks at it."""

from __future__ import annotations

from typing import Any

import shapely
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crises.alert_files import AlertFile, Part
from crises.enums import Operation, PieceKind
from crises.pieces import LONGEST_LABEL, Piece
from geography.areas import Area, InvalidArea
from registrations.validation import tidy

KeptPart = dict[str, Any]

# Beyond so many, the rest is ticked or left as one.
MOST_PARTS = 200
# What a circle shares with one around its own middle, at least; any other shape shares less.
_AS_ROUND = 0.985


def parts_of(alert: AlertFile) -> list[KeptPart]:
    """Every element of the alert that says where, whether it was understood or not."""
    kept = [_kept(part) for part in alert.parts[:MOST_PARTS]]
    rest = alert.parts[MOST_PARTS:]
    if rest:
        kept.append(_kept(_joined(rest)))
    return kept


def piece_of(part: KeptPart, number: int) -> Piece:
    """A part that was understood, as a piece of an area; `number` is its place in the file."""
    return {
        # The same file read twice gives the same pieces.
        "id": f"{number:08x}",
        "operation": Operation.ADD.value,
        "kind": PieceKind.FILE.value,
        "label": (part["name"] or part["element"])[:LONGEST_LABEL],
        "geometry": part["geojson"],
        "country_codes": part["countries"],
        "region_codes": [],
    }


def exchanged(part: KeptPart) -> KeptPart:
    """The part with latitude and longitude the other way round; as it was where that is nowhere."""
    if not part["geojson"] or part["countries"]:
        return part
    shape = shapely.geometry.shape(part["geojson"])
    try:
        turned = [_exchanged(polygon) for polygon in shapely.get_parts(shape).tolist()]
        area = Area.union(turned)
    except InvalidArea:
        return part
    return part | {"geojson": shapely.geometry.mapping(area.geometry)}


def _kept(part: Part) -> KeptPart:
    kept: KeptPart = {
        "name": tidy(part.name)[:LONGEST_LABEL],
        "element": part.element[:80],
        "line": part.line,
        "remarks": part.remarks,
        "chosen": part.chosen and part.understood,
        "geojson": None,
        "countries": list(part.countries),
    }
    if not part.understood:
        return kept
    try:
        shapes = [Area.from_polygons(part.polygons)] if part.polygons else []
        named = [Area.countries(part.countries)] if part.countries else []
        geometry = Area.union([*shapes, *named]).geometry
    except InvalidArea as error:
        return kept | {"remarks": [*part.remarks, str(error)], "countries": [], "chosen": False}
    return kept | {"geojson": shapely.geometry.mapping(geometry)}


def _joined(parts: list[Part]) -> Part:
    understood = [part for part in parts if part.understood]
    lost = len(parts) - len(understood)
    remark = ngettext(
        "%(number)d of them was not understood.", "%(number)d of them were not understood.", lost
    ) % {"number": lost}
    return Part(
        name=_("All further elements (%(number)d)") % {"number": len(parts)},
        element=parts[0].element,
        line=parts[0].line,
        polygons=[polygon for part in understood for polygon in part.polygons],
        countries=tuple(sorted({code for part in understood for code in part.countries})),
        remarks=[remark] if lost else [],
        chosen=any(part.chosen for part in understood),
    )


def _exchanged(polygon: shapely.Polygon) -> Area:
    """A disc stays a disc on the ground; anything else has its numbers exchanged."""
    west, south, east, north = polygon.bounds
    latitude, longitude = (south + north) / 2, (west + east) / 2
    radius_km = (north - south) / 2 * 111.2
    if abs(longitude) > 90:
        raise InvalidArea(_("A latitude would lie beyond 90 degrees."))
    if 0 < radius_km < 5000 and abs(latitude) < 85:
        disc = Area.circle(latitude, longitude, radius_km).geometry
        shared = shapely.intersection(disc, polygon).area
        if shared > _AS_ROUND * max(disc.area, polygon.area):
            return Area.circle(longitude, latitude, radius_km)
    return Area.from_polygons([shapely.transform(polygon, lambda points: points[:, ::-1])])
