"""Where a CAP alert holds: each polygon, circle and geocode of its areas becomes a part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from xml.etree.ElementTree import Element  # nosec B405: the type only

from django.utils.translation import gettext as _
from shapely.geometry import Polygon

from crises.alert_files import codes
from crises.alert_files.alert import AlertFile, Part
from crises.alert_files.document import line_of
from crises.alert_files.elements import children, located, name_of, text
from crises.alert_files.errors import AlertFileError, SwappedCoordinates
from crises.alert_files.rings import TooManyVertices, TooMuch
from crises.alert_files.shapes import MAX_VERTICES, ShapeReader, count_vertices
from crises.alert_files.wording import clean

# Over the whole file: each shape takes some two milliseconds to mend.
MAX_SHAPES = 600
MAX_PARTS = 2_000
_SHAPES = ("polygon", "circle")
_ELEMENTS = (*_SHAPES, "geocode")


class CapAreaReader:
    """Reads the areas of one file; what repairs may cost is counted over all of them."""

    def __init__(self, *, swapped: bool = False) -> None:
        self.shapes = ShapeReader(swapped=swapped)
        self._first_error: AlertFileError | None = None
        self._shapes_left = MAX_SHAPES
        self._parts_left = MAX_PARTS

    @contextmanager
    def swapping(self) -> Iterator[None]:
        """Within, coordinates are read as "longitude,latitude"."""
        self.shapes.swapped = True
        try:
            yield
        finally:
            self.shapes.swapped = False

    def read(self, alert: AlertFile, chosen: Sequence[Element], others: Sequence[Element]) -> None:
        """Fill the alert's parts from its chosen `<info>`; from the others what only they say.

        Raises AlertFileError when the alert draws shapes, and none of them can be read.
        """
        self._first_error = None
        areas = list(_areas(chosen))
        foreign = [(info, area) for info in others for area in children(info, "area")]
        _count_points([*areas, *(area for _info, area in foreign)])
        known: set[tuple[tuple[str, ...], bool]] = set()
        for area in areas:
            self._area(alert, area, known, "")
        for info, area in foreign:
            language = text(info, "language") or "?"
            self._area(alert, area, known, language)
        if self._first_error and not any(part.understood for part in alert.parts):
            raise self._first_error

    def count(self, element: Element) -> None:
        """Take one from what the whole file may have. Raises AlertFileError when it is too much."""
        self._parts_left -= 1
        self._shapes_left -= name_of(element) in _SHAPES
        if self._parts_left < 0 or self._shapes_left < 0:
            most = MAX_PARTS if self._parts_left < 0 else MAX_SHAPES
            problem = _("This file holds more than %(most)s shapes. Join them, or leave some out.")
            raise TooMuch(located(element, problem % {"most": f"{most:,}"}))

    def _area(
        self,
        alert: AlertFile,
        area: Element,
        known: set[tuple[tuple[str, ...], bool]],
        language: str,
    ) -> None:
        """`known` has been read already (what it says, whether beside a drawing); `language` is set
        where it is not the wanted one."""
        description = text(area, "areaDesc")
        is_drawn = any((each.text or "").strip() for each in _shapes(area))
        # A code beside a drawing is not ticked, so that it must be listed again where it stands
        # alone; not so in another language, where the same area may only be drawn less often.
        same = {True, False} if is_drawn or language else {False}
        new = [
            each
            for each in area
            if name_of(each) in _ELEMENTS and not known & {(_said(each), drawn) for drawn in same}
        ]
        if language and not new:
            return
        if description and description not in alert.area_descriptions:
            alert.area_descriptions.append(description)
        if not description:
            problem = _("It has no <areaDesc>: give the area a name.")
            alert.warnings.append(located(area, problem))
        limits = _limits(area)
        unresolved = []
        for each in new:
            self.count(each)
            known.add((_said(each), is_drawn))
            if name_of(each) == "geocode":
                part = _geocode(each, is_drawn=is_drawn)
                if not part.countries or not (part.chosen or is_drawn):
                    unresolved.append(part.name)
            else:
                part = self.shape(each, description or alert.event)
            part.remarks += limits
            if language:
                part.remarks.append(
                    _("Only the alert's text in another language (%(language)s) has it.")
                    % {"language": language}
                )
            alert.parts.append(part)
        if unresolved and not is_drawn:
            named = ", ".join(unresolved[:10])
            more = f" (+{len(unresolved) - 10})" if len(unresolved) > 10 else ""
            alert.unresolved.append(f"{description}: {named}{more}" if description else named)

    def shape(self, element: Element, name: str) -> Part:
        """The part of a polygon or circle, written as CAP does; what is wrong is remarked on.

        Raises SwappedCoordinates unless swapping, and AlertFileError for what takes too long.
        """
        part = Part(name=name, element=f"<{name_of(element)}>", line=line_of(element))
        try:
            if len(element):
                # What stands behind a child would be left out unseen.
                raise AlertFileError(
                    _("It holds <%(name)s>, where only numbers may stand.")
                    % {"name": name_of(element[0])[:40]}
                )
            part.polygons = self._polygons(element, part.remarks)
        except TooMuch as error:
            raise TooMuch(located(element, error.message)) from error
        except SwappedCoordinates as error:
            if not self.shapes.swapped:
                raise SwappedCoordinates(located(element, error.message)) from error
            self._failed(part, element, error)
        except AlertFileError as error:
            self._failed(part, element, error)
        if self.shapes.swapped and part.polygons:
            part.remarks.append(
                _("Latitude and longitude were swapped, and were read the other way round.")
            )
        return part

    def _polygons(self, element: Element, remarks: list[str]) -> list[Polygon]:
        if name_of(element) == "polygon":
            return self.shapes.polygon(element.text or "", remarks)
        circle = self.shapes.circle(element.text or "", remarks)
        if circle is None:
            return []
        return self.shapes.mender.disc(circle.latitude, circle.longitude, circle.radius_km)

    def _failed(self, part: Part, element: Element, error: AlertFileError) -> None:
        # It may quote what the file says there.
        problem = clean(error.message, 500)
        self._first_error = self._first_error or AlertFileError(located(element, problem))
        part.remarks.append(problem)


def _count_points(areas: Sequence[Element]) -> None:
    """Before the first is mended, for that of 100,000 points takes a second."""
    points = 0
    for each in (shape for area in areas for shape in _shapes(area)):
        points += count_vertices(each.text or "")
        if points > MAX_VERTICES:
            raise TooMuch(located(each, TooManyVertices().message))


def _geocode(element: Element, *, is_drawn: bool) -> Part:
    list_name, value = text(element, "valueName"), text(element, "value")
    if not (list_name or value):
        # CAP 1.0 wrote "UGC=AKZ185".
        list_name, _equals, value = clean(element.text or "").partition("=")
    list_name = list_name or "?"
    part = Part(f"{list_name} {value}".strip(), "<geocode>", line_of(element))
    if not value:
        part.remarks.append(_("It has no <value>."))
        return part
    named = codes.look_up(list_name, value)
    part.countries = named.countries
    if not named.countries:
        part.remarks.append(codes.not_held(list_name))
    elif named.is_part:
        part.chosen = False
        part.remarks.append(codes.only_a_part(named.countries[0]))
    elif is_drawn:
        part.chosen = False
        part.remarks.append(
            _("The file draws this area as well. Tick it to take the whole country.")
        )
    return part


def _limits(area: Element) -> list[str]:
    """Heights, in feet above the sea."""
    low, high = text(area, "altitude", 40), text(area, "ceiling", 40)
    if not (low or high):
        return []
    return [
        _(
            "It is limited in height (<altitude> %(low)s, <ceiling> %(high)s, in feet), which was "
            "not looked at."
        )
        % {"low": low or "–", "high": high or "–"}
    ]


def _areas(infos: Sequence[Element]) -> Iterator[Element]:
    return chain.from_iterable(children(info, "area") for info in infos)


def _shapes(area: Element) -> Iterator[Element]:
    return (each for each in area if name_of(each) in _SHAPES)


def _said(element: Element) -> tuple[str, ...]:
    """What an element says, so that the same is not listed once for each language."""
    if name_of(element) == "geocode":
        return ("geocode", text(element, "valueName"), text(element, "value"))
    return (name_of(element), " ".join((element.text or "").split()))
