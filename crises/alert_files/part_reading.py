"""What readers of shapes share: rings, points and errors of one file's elements become parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext as _

from crises.alert_files.alert import Part
from crises.alert_files.errors import AlertFileError, at
from crises.alert_files.rings import (
    Points,
    RingMender,
    TooMuch,
    check_range,
    swapped_for_sure,
)
from crises.alert_files.wording import clean

MAX_PARTS = 2_000
_LARGEST_RADIUS_KM = 5_000


class PartReading:
    """The parts of one file; what repairs may cost is counted over all of them."""

    def __init__(self) -> None:
        self.mender = RingMender()
        self.parts: list[Part] = []
        self._first_error: AlertFileError | None = None
        self._swapped: set[int] = set()

    @contextmanager
    def adding(self, part: Part) -> Iterator[None]:
        """Keep the part whatever becomes of it: what is wrong with it joins its remarks.

        Raises AlertFileError for what would take too long, in which no part can be trusted.
        """
        if len(self.parts) == MAX_PARTS:
            raise AlertFileError(
                at(
                    part.element,
                    part.line,
                    _("This file holds more than %(most)s shapes. Join them, or leave some out.")
                    % {"most": f"{MAX_PARTS:,}"},
                )
            )
        self.parts.append(part)
        try:
            yield
        except TooMuch as error:
            raise AlertFileError(at(part.element, part.line, error.message)) from error
        except AlertFileError as error:
            part.polygons = []
            part.remarks.append(error.message)
            if self._first_error is None:
                self._first_error = AlertFileError(at(part.element, part.line, error.message))
        if not (part.understood or part.remarks):
            part.remarks.append(_("It holds no shape: it does not say where."))
        part.remarks[:] = list(dict.fromkeys(part.remarks))

    def add_rings(self, part: Part, rings: Sequence[Points]) -> None:
        """An outer ring and its holes, each rows of lon, lat; empty holes are passed over."""
        if not rings or not len(rings[0]):
            part.remarks.append(_("An empty polygon was left out."))
            return
        with_points = [ring for ring in rings if len(ring)]
        if swapped_for_sure(with_points):
            self._swapped.add(id(part))
        part.polygons += self.mender.mend(with_points, part.remarks)

    def add_points(self, part: Part, points: Points, numbers: Mapping[str, Any]) -> None:
        """Circles about points, rows of lon, lat, if the element's numbers give their radius."""
        if not len(points):
            part.remarks.append(_("An empty point was left out."))
            return
        if swapped_for_sure([points]):
            self._swapped.add(id(part))
            points = points[:, ::-1]
            part.remarks.append(
                _("Latitude and longitude were swapped, and were read the other way round.")
            )
        check_range(points)
        radius_km = _radius_km(numbers, part.remarks)
        if radius_km is None:
            # Guessing how far it reaches would leave people out; shown, it can be typed.
            shown = "; ".join(f"{lat:.4f}, {lon:.4f}" for lon, lat in points[:3].tolist())
            part.remarks.append(
                _(
                    "A point (latitude, longitude %(point)s) without a radius: how far it reaches "
                    "is not known. Type it with a radius instead."
                )
                % {"point": shown}
            )
            return
        for longitude, latitude in points.tolist():
            part.polygons += self.mender.disc(latitude, longitude, radius_km)

    def add_line(self, part: Part) -> None:
        part.remarks.append(_("A line encloses nothing, and was left out."))

    def finish(self) -> list[Part]:
        """The parts. Raises AlertFileError where not one is understood, and one is broken."""
        if self._first_error and not any(part.understood for part in self.parts):
            raise self._first_error
        for part in self.parts:
            if self._swapped and id(part) not in self._swapped and _could_be_swapped(part):
                part.remarks.append(
                    _("Elsewhere in this file latitude and longitude were swapped: check them.")
                )
        return self.parts


def _could_be_swapped(part: Part) -> bool:
    bounds = [polygon.bounds for polygon in part.polygons]
    return bool(bounds) and all(max(abs(west), abs(east)) <= 90 for west, _s, east, _n in bounds)


def _radius_km(numbers: Mapping[str, Any], remarks: list[str]) -> float | None:
    """A plain "radius" is in metres, as map libraries draw it; the remark says so."""
    for key, kilometres in (("radius_km", 1.0), ("radius_m", 0.001), ("radius", 0.001)):
        value = numbers.get(key)
        if value is None:
            continue
        if not isinstance(value, float) or not 0 < value * kilometres <= _LARGEST_RADIUS_KM:
            remarks.append(
                _("Its “%(key)s” is “%(value)s”, which is no radius.")
                % {"key": key, "value": clean(value, 40)}
            )
            continue
        said = (
            _("A circle of %(radius)s km about the point: “radius” was read as metres.")
            if key == "radius"
            else _("A circle of %(radius)s km about the point, as the file says.")
        )
        remarks.append(said % {"radius": f"{value * kilometres:g}"})
        return value * kilometres
    return None
