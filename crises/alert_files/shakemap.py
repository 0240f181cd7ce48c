"""ShakeMap contours of intensity (cont_mmi.json): lines of equal shaking become nested areas."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
from django.utils import timezone
from django.utils.translation import gettext as _

from crises.alert_files.alert import AlertFile, Part
from crises.alert_files.contours import Box, Level, nested_areas, sort_lines
from crises.alert_files.errors import AlertFileError
from crises.alert_files.geojson import check_crs, read_points
from crises.alert_files.json_document import Item, JsonDocument, error_at
from crises.alert_files.rings import (
    Points,
    RingMender,
    TooMuch,
    check_range,
)
from crises.alert_files.wording import clean

# From VI on plaster falls and people are hurt. Weaker shaking is only felt: it is offered, and
# not ticked.
CHOSEN_FROM = 6.0
_MOST_LEVELS = 60
_MOST_LINES = 2_000


def is_shakemap(document: JsonDocument) -> bool:
    """Whether these are contours as ShakeMap writes them: lines with a value and its units."""
    items = document.items or []
    return bool(items) and all(
        isinstance(item.value, dict)
        and isinstance(item.value.get("properties"), dict)
        and {"value", "units"} <= item.value["properties"].keys()
        for item in items
    )


def read_shakemap(document: JsonDocument) -> AlertFile:
    """One alert with a part for each intensity, strongest first.

    Raises AlertFileError for contours of anything but intensity, and for broken lines.
    """
    check_crs(document.members, _("the file"), document.line)
    items = document.items or []
    if len(items) > _MOST_LEVELS:
        raise AlertFileError(_("This file holds far more contours than a ShakeMap does."))
    metadata = document.members.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    summit = _summit(metadata)
    drawn = _by_value(items, summit)
    edge = _edge([line for _item, lines in drawn for line in lines])
    levels = [sort_lines(_value(item), lines, edge) for item, lines in drawn]
    try:
        areas = nested_areas(levels, edge, summit, RingMender())
    except TooMuch as error:
        raise error_at("features", document.line, error.message) from error
    parts = [
        _part(item, level, polygons)
        for (item, _lines), level, polygons in zip(drawn, levels, areas, strict=True)
    ]
    return _alert(metadata, parts[::-1], max(level.value for level in levels))


def _part(item: Item, level: Level, polygons: list[Any]) -> Part:
    part = Part(f"MMI {level.value:g}", item.name, item.line, polygons)
    part.remarks = list(dict.fromkeys(level.remarks))
    part.chosen = level.value >= CHOSEN_FROM and part.understood
    if not part.understood:
        part.remarks.append(_("None of its lines could be made into an area."))
    return part


def _alert(metadata: dict[str, Any], parts: list[Part], strongest: float) -> AlertFile:
    event_id = clean(metadata.get("eventid"), 80)
    if not any(part.understood for part in parts):
        first = parts[0]
        raise error_at(first.element, first.line, " ".join(first.remarks))
    alert = AlertFile(
        identifier=event_id or "ShakeMap",
        sender="earthquake.usgs.gov",
        sent=timezone.now(),
        # The catalogue's scenarios are made for exercises; nothing shook.
        status="Exercise" if event_id.endswith("_se") else "Actual",
        msg_type="Alert",
        event="Earthquake",
        urgency="Unknown",
        severity="Unknown",
        certainty="Unknown",
        language="en-US",
        scope="Public",
        sender_name="ShakeMap",
        headline=f"ShakeMap {event_id}".strip(),
        parts=parts,
        hazard="earthquake",
        measures={"mmi": f"{strongest:g}"},
    )
    alert.warnings.append(_("The file does not say when it was issued."))
    if alert.is_drill:
        alert.warnings.append(_("This is a scenario, not an earthquake: it can only open a drill."))
    if strongest < CHOSEN_FROM:
        alert.warnings.append(
            _("No contour reaches MMI VI, where damage begins: nothing is ticked.")
        )
    return alert


def _by_value(
    items: list[Item], summit: tuple[float, float] | None
) -> list[tuple[Item, list[Points]]]:
    """The lines of each feature in one frame of longitudes, ascending by value."""
    drawn = sorted(((item, _lines(item)) for item in items), key=lambda row: _value(row[0]))
    for (first, _lines1), (second, _lines2) in pairwise(drawn):
        if _value(first) == _value(second):
            problem = _("Its value %(value)g stands twice.") % {"value": _value(second)}
            raise error_at(second.name, second.line, problem)
    lines = [line for _item, lines in drawn for line in lines]
    if len(lines) > _MOST_LINES:
        raise AlertFileError(_("This file holds far more contours than a ShakeMap does."))
    frame = summit[0] if summit else float(lines[0][0, 0]) if lines else 0.0
    return [(item, [_turned(line, frame) for line in lines]) for item, lines in drawn]


def _value(item: Item) -> float:
    properties = item.value["properties"]
    value, units = properties["value"], clean(properties["units"], 20)
    if units.lower() not in ("mmi", "intensity"):
        raise error_at(
            item.name,
            item.line,
            _("These are contours of “%(units)s”, not of intensity: take cont_mmi.json instead.")
            % {"units": units},
        )
    if type(value) is not float or not 0 <= value <= 12:
        raise error_at(
            item.name,
            item.line,
            _("“properties.value” is %(value)s, and must be an intensity from 0 to 12.")
            % {"value": clean(str(value)[:80], 40)},
        )
    return value


def _lines(item: Item) -> list[Points]:
    geometry = item.value.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("LineString", "MultiLineString"):
        raise error_at(
            item.name,
            item.line,
            _("A contour must be a MultiLineString, not “%(type)s”.") % {"type": clean(kind, 40)},
        )
    coordinates = geometry.get("coordinates")
    lines = [coordinates] if kind == "LineString" else coordinates
    if not isinstance(lines, list):
        raise error_at(item.name, item.line, _("Its “coordinates” are missing, or no list."))
    try:
        read = [read_points(line, f"coordinates[{row}]") for row, line in enumerate(lines)]
        for points in read:
            check_range(points)
    except AlertFileError as error:
        raise error_at(item.name, item.line, error.message) from error
    return [points for points in read if len(points)]


def _turned(line: Points, frame: float) -> Points:
    """The line with its longitudes within 180 degrees of the map's, so that none jumps."""
    turns = np.round((line[:, 0] - frame) / 360)
    if not turns.any():
        return line
    line = line.copy()
    line[:, 0] -= 360 * turns
    return line


def _edge(lines: list[Points]) -> Box:
    """The edge of the map: no line goes beyond it, and those that are cut end on it."""
    if not lines:
        raise AlertFileError(_("This ShakeMap holds no contours."))
    points = np.concatenate(lines)
    (west, south), (east, north) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    if not (west < east and south < north):
        raise AlertFileError(_("The contours of this ShakeMap enclose nothing."))
    return west, south, east, north


def _summit(metadata: dict[str, Any]) -> tuple[float, float] | None:
    longitude, latitude = metadata.get("longitude"), metadata.get("latitude")
    if type(longitude) is not float or type(latitude) is not float:
        return None
    if not (math.isfinite(longitude) and abs(longitude) <= 360 and abs(latitude) <= 90):
        return None
    return longitude, latitude
