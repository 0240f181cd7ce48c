"""The coordinates of KML: "lon,lat[,alt]" tuples, and the frames of pictures."""

from __future__ import annotations

import math
import re
from xml.etree.ElementTree import Element  # nosec B405: the type only

import numpy as np
from django.utils.translation import gettext as _
from shapely.geometry import Polygon

from crises.alert_files.document import line_of, local
from crises.alert_files.errors import AlertFileError, at
from crises.alert_files.rings import MAX_VERTICES, Points, RingMender, TooManyVertices
from crises.alert_files.wording import clean

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
# A box wider than this is written with points in between, for an edge of more than 180 degrees
# would be read as the short way round.
_STEP = 60.0


def read_coordinates(element: Element) -> Points:
    """Rows of (longitude, latitude); altitudes are dropped. Names the tuple that is none."""
    text = element.text or ""
    if text.count(",") > 2 * MAX_VERTICES:
        raise TooManyVertices
    # Spaces about a comma are against the standard, and common.
    tuples = ",".join(map(str.strip, text.split(","))).split()
    points = np.empty((len(tuples), 2))
    for row, each in enumerate(tuples):
        numbers = each.split(",")
        if not (
            2 <= len(numbers) <= 3
            and _NUMBER.fullmatch(numbers[0])
            and _NUMBER.fullmatch(numbers[1])
        ):
            raise AlertFileError(
                at(
                    "<coordinates>",
                    line_of(element),
                    _("Point %(number)d is not “longitude,latitude”: “%(text)s”.")
                    % {"number": row + 1, "text": clean(each, 40)},
                )
            )
        points[row] = float(numbers[0]), float(numbers[1])
    return points


def read_box(element: Element, mender: RingMender, remarks: list[str]) -> list[Polygon]:
    """The polygons of a <LatLonBox>, turned by its <rotation>, across 180 degrees if need be."""
    north, south = _degrees(element, "north"), _degrees(element, "south")
    east, west = _degrees(element, "east"), _degrees(element, "west")
    if not (-90 <= south < north <= 90 and abs(west) <= 360 and abs(east) <= 360):
        raise AlertFileError(
            at("<LatLonBox>", line_of(element), _("Its sides enclose nothing on earth."))
        )
    if east < west:
        east += 360
    steps = max(1, math.ceil((east - west) / _STEP))
    along = np.linspace(west, east, steps + 1)
    ring = np.concatenate(
        [
            np.column_stack([along, np.full(steps + 1, south)]),
            np.column_stack([along[::-1], np.full(steps + 1, north)]),
        ]
    )
    rotation = _degrees(element, "rotation", missing=0.0)
    if rotation:
        ring = _rotated(ring, rotation)
        remarks.append(_("Its frame is turned by %(angle)g degrees.") % {"angle": rotation})
    return mender.mend([np.vstack([ring, ring[:1]])], remarks, may_swap=False)


def _rotated(ring: Points, degrees: float) -> Points:
    """Turned counter-clockwise about its middle, on the flat map on which pictures are laid."""
    middle = (ring.min(axis=0) + ring.max(axis=0)) / 2
    angle = math.radians(degrees)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    turned: Points = (ring - middle) @ turn + middle
    turned[:, 1] = np.clip(turned[:, 1], -90, 90)
    return turned


def _degrees(parent: Element, name: str, *, missing: float | None = None) -> float:
    for child in parent:
        if local(child.tag) == name:
            text = (child.text or "").strip()
            if _NUMBER.fullmatch(text) and math.isfinite(float(text)):
                return float(text)
            problem = _("It must be a number of degrees, not “%(text)s”.")
            problem %= {"text": clean(text, 40)}
            raise AlertFileError(at(f"<{name}>", line_of(child), problem))
    if missing is None:
        problem = _("Its <%(name)s> is missing.") % {"name": name}
        raise AlertFileError(at(f"<{local(parent.tag)}>", line_of(parent), problem))
    return missing
