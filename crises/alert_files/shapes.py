"""Polygons and circles as CAP writes them ("lat,lon lat,lon", "lat,lon radius") to geometry."""

from __future__ import annotations

import re

import numpy as np
from django.utils.translation import gettext as _
from shapely.geometry import Polygon

from crises.alert_files.alert import Circle
from crises.alert_files.errors import AlertFileError, SwappedCoordinates
from crises.alert_files.rings import MAX_VERTICES, Points, RingMender, check_range, swapped_for_sure

__all__ = ["MAX_VERTICES", "ShapeReader", "count_vertices"]

POINT_RADIUS_KM = 1.0
LARGEST_RADIUS_KM = 20_038.0

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


class ShapeReader:
    """Reads the shapes of one file, and counts over all of them what repairs may cost.

    What was repaired is added to the `remarks` given for a shape, else to `warnings`.
    """

    def __init__(self, *, swapped: bool = False, warnings: list[str] | None = None) -> None:
        self.swapped = swapped
        self.warnings: list[str] = [] if warnings is None else warnings
        self.mender = RingMender()

    def polygon(self, text: str, remarks: list[str] | None = None) -> list[Polygon]:
        """The valid polygons of one `<polygon>`: several when it crosses itself or 180 degrees."""
        remarks = self.warnings if remarks is None else remarks
        points = _read_points(text, swapped=self.swapped)
        if len(points) == 0:
            remarks.append(_("An empty <polygon> was left out."))
            return []
        # CAP writes latitude first, geometry wants it second.
        return self.mender.mend([points[:, ::-1]], remarks, may_swap=False)

    def circle(self, text: str, remarks: list[str] | None = None) -> Circle | None:
        remarks = self.warnings if remarks is None else remarks
        parts = _without_spaces_at_commas(text).split()
        if not parts:
            remarks.append(_("An empty <circle> was left out."))
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
            remarks.append(_("A <circle> of radius 0 is a point: it was widened to 1 km."))
            radius = POINT_RADIUS_KM
        turns = round(longitude / 360) if abs(longitude) > 180 else 0
        return Circle(latitude, longitude - 360 * turns, radius)


def count_vertices(text: str) -> int:
    return text.count(",")


def _without_spaces_at_commas(text: str) -> str:
    # A pattern with white space on both sides takes the square of a long run of spaces.
    return ",".join(map(str.strip, text.split(",")))


def _read_points(text: str, *, swapped: bool) -> Points:
    """Rows of (latitude, longitude), in range."""
    pairs = _without_spaces_at_commas(text).split()
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
    if swapped_for_sure([points[:, ::-1]]):
        raise SwappedCoordinates(
            _(
                "Latitude and longitude seem to be swapped: the file has latitudes beyond 90 "
                "degrees. You can have them read the other way round."
            )
        )
    check_range(points[:, ::-1])
    return points


def _shorten(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
