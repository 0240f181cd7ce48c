"""Where a GDACS event is: its point, the rectangle around it and the countries it names.

None of them is the area affected. What is ticked at first rather takes in too much, by the kind of
event: countries for a drought, a circle for an earthquake, both for a cyclone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import islice
from xml.etree.ElementTree import Element  # nosec B405: the type only

import numpy as np
from django.utils.translation import gettext as _

from crises.alert_files.alert import AlertFile, Part
from crises.alert_files.codes import country_code
from crises.alert_files.country_names import country_named
from crises.alert_files.document import line_of
from crises.alert_files.elements import children, first, located, text
from crises.alert_files.errors import AlertFileError
from crises.alert_files.intensity import FELT, reach_km
from crises.alert_files.rings import RingMender, TooMuch
from crises.alert_files.wording import clean
from geography.countries import country_name

# Kilometres about the point. GDACS counts the people within 100 km of an earthquake; gales reach
# 500 km from a large cyclone's eye; ash and fire are drawn wide, since nothing tells their wind.
_RADIUS_KM = {"earthquake": 100.0, "tropical_cyclone": 500.0, "volcano": 100.0, "wildfire": 50.0}
_OTHER_RADIUS_KM = 300.0
_USUAL_DEPTH_KM = 10.0
# What is ticked for each kind of event; for any other, all that was understood.
_TICKED: dict[str, tuple[str, ...]] = {
    "drought": ("country",),
    "earthquake": ("point",),
    "flood": ("bbox", "point"),
    "tropical_cyclone": ("point", "country"),
    "volcano": ("point",),
    "wildfire": ("point",),
}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
# The feed's own list of countries may name only the first; its text names all.
_AFFECTED = re.compile(r"affects? these countr(?:y|ies):([^().]{1,1000})", re.IGNORECASE)
_SEPARATOR = re.compile(r"[,;]")

# Over the whole feed; a day of GDACS has a hundred.
MAX_PARTS = 5_000

Point = tuple[float, float]  # latitude, longitude


class GdacsAreaReader:
    """Reads the places of one feed; what repairs may cost is counted over all of them."""

    def __init__(self) -> None:
        self.mender = RingMender()
        self._parts_left = MAX_PARTS

    def read(self, alert: AlertFile, item: Element) -> None:
        """Fill the alert's parts: the point, the rectangle, each country."""
        point, circle = self._point(alert, item)
        by_kind = {"point": [circle] if circle else []}
        box = first(item, "bbox")
        by_kind["bbox"] = [] if box is None else [self._rectangle(box, point)]
        by_kind["country"] = list(islice(_countries(item), self._parts_left + 1))
        alert.parts = [part for parts in by_kind.values() for part in parts]
        if len(alert.parts) > self._parts_left:
            problem = _("This file names more than %(most)s places. Get a shorter one.")
            raise TooMuch(located(item, problem % {"most": f"{MAX_PARTS:,}"}))
        self._parts_left -= len(alert.parts)
        ticked = _TICKED.get(alert.hazard, tuple(by_kind))
        for kind, parts in by_kind.items():
            for part in parts:
                part.chosen = part.chosen and kind in ticked
        if not alert.has_shape:
            # Better far too wide than nobody; a rectangle that misses its own point stays out.
            for part in alert.parts:
                part.chosen = part.element != "<bbox>" or _holds(part, point)
        if "country" in ticked:
            alert.unresolved = [part.name for part in by_kind["country"] if not part.understood]

    def _point(self, alert: AlertFile, item: Element) -> tuple[Point | None, Part | None]:
        element, values = _point_of(item)
        if element is None:
            return None, None
        part = Part(_("Circle around the event"), f"<{_short(element)}>", line_of(element))
        if len(values) != 2:
            part.remarks.append(_("It must give a latitude and a longitude, and does not."))
            return None, part
        latitude, longitude = values
        radius_km = _radius(alert)
        try:
            if not (abs(latitude) <= 90 and abs(longitude) <= 360):
                raise AlertFileError(
                    _("It lies nowhere on earth: latitude %(latitude)s, longitude %(east)s.")
                    % {"latitude": f"{latitude:g}", "east": f"{longitude:g}"}
                )
            part.polygons = self.mender.disc(latitude, longitude, radius_km)
        except AlertFileError as error:
            part.remarks.append(error.message)
            return None, part
        part.remarks.append(
            _(
                "The feed gives only a point. A circle of %(radius)d km was drawn around it: "
                "check on the map that it is wide enough."
            )
            % {"radius": radius_km}
        )
        if alert.hazard == "earthquake" and radius_km > _RADIUS_KM["earthquake"]:
            part.remarks.append(_("As far as nearly everyone is expected to feel it (MMI V)."))
        return (latitude, longitude), part

    def _rectangle(self, element: Element, point: Point | None) -> Part:
        part = Part(_("Rectangle around the event"), "<bbox>", line_of(element))
        numbers = _numbers(element.text or "")
        if len(numbers) != 4:
            part.remarks.append(_("It must give four numbers: west, east, south, north."))
            return part
        west, east, south, north = numbers
        if abs(south) > 90 or abs(north) > 90:
            south, north = max(south, -90.0), min(north, 90.0)
            part.remarks.append(_("It reaches beyond a pole, and was cut there."))
        # From 176 to -176 it runs across 180 degrees.
        east += 360 if east < west else 0
        middle = (west + east) / 2
        ring = [(west, south), (middle, south), (east, south), (east, north), (middle, north)]
        try:
            part.polygons = self.mender.mend(
                [np.array([*ring, (west, north), (west, south)])], part.remarks, may_swap=False
            )
        except AlertFileError as error:
            part.remarks.append(error.message)
            return part
        part.remarks.append(
            _("It is of a fixed size, set about the event: it is not the area affected.")
        )
        if not _holds(part, point):
            part.chosen = False
            part.remarks.append(
                _("It does not hold the event's own point, and cannot be relied upon.")
            )
        return part


def _countries(item: Element) -> Iterator[Part]:
    """A part for each country that the feed names, by name, by code or in its text."""
    seen: set[str] = set()
    for element, name in _names(item):
        code = country_named(name)
        if (code or name.casefold()) in seen:
            continue
        seen.add(code or name.casefold())
        part = Part(name, f"<{_short(element)}>", line_of(element))
        if code:
            part.countries = (code,)
        else:
            part.remarks.append(_("No country has exactly this name. Type it, if it is one."))
        yield part
    for element in children(item, "iso3"):
        value = clean(element.text or "", 40)
        code = country_code(value)
        if not value or code in seen:
            continue
        seen.add(code)
        part = Part(country_name(code) if code else value, "<iso3>", line_of(element))
        if code:
            part.countries = (code,)
        else:
            part.remarks.append(_("It is not the code of a country."))
        yield part


def _names(item: Element) -> Iterator[tuple[Element, str]]:
    for element in children(item, "country"):
        whole = clean(element.text or "", 2_000)
        # Some names hold a comma themselves.
        names = [whole] if country_named(whole) else _SEPARATOR.split(whole)
        yield from ((element, name.strip()[:100]) for name in names if name.strip())
    description = first(item, "description")
    if description is not None:
        affected = _AFFECTED.search(text(item, "description", 5_000))
        names = _SEPARATOR.split(affected.group(1)) if affected else []
        yield from ((description, name.strip()[:100]) for name in names if name.strip())


def _point_of(item: Element) -> tuple[Element | None, list[float]]:
    """The element that gives the event's point, and latitude and longitude where it has them."""
    found = first(item, "point")
    if found is not None:
        return found, _numbers(found.text or "")
    found = first(item, "Point")
    if found is None:
        return None, []
    return found, [*_numbers(text(found, "lat", 40)), *_numbers(text(found, "long", 40))]


def _radius(alert: AlertFile) -> float:
    least = _RADIUS_KM.get(alert.hazard, _OTHER_RADIUS_KM)
    if alert.hazard != "earthquake":
        return least
    magnitude = alert.measures.get("magnitude")
    if magnitude is None or not 0 <= float(magnitude) <= 10:
        return _OTHER_RADIUS_KM
    depth_km = float(alert.measures.get("depth_km") or _USUAL_DEPTH_KM)
    felt_km = reach_km(float(magnitude), min(depth_km, 800.0), FELT)
    return max(least, 10.0 * math.ceil(felt_km / 10))


def _holds(part: Part, point: Point | None) -> bool:
    if point is None:
        return True
    latitude, longitude = point
    longitude -= 360 * round(longitude / 360) if abs(longitude) > 180 else 0
    for polygon in part.polygons:
        west, south, east, north = polygon.bounds
        if west <= longitude <= east and south <= latitude <= north:
            return True
    return False


def _numbers(value: str) -> list[float]:
    """All that stands between spaces; nothing when one of them is no number."""
    words = value.split()[:10]
    if not all(_NUMBER.fullmatch(each) for each in words):
        return []
    numbers = [float(each) for each in words]
    return numbers if all(map(math.isfinite, numbers)) else []


def _short(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
