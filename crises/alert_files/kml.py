"""KML 2.2 and 2.3 to parts: one for each placemark or overlay. Nothing it links to is fetched."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element  # nosec B405: the type only

from django.utils.translation import gettext as _
from shapely.geometry import Polygon

from crises.alert_files.alert import Part, ReadFile
from crises.alert_files.document import line_of, local, parse
from crises.alert_files.errors import AlertFileError, at
from crises.alert_files.formats import FileFormat
from crises.alert_files.geojson import MAX_PARTS, point_alone, radius_of
from crises.alert_files.json_files import shapes_only
from crises.alert_files.kml_shapes import read_box, read_coordinates
from crises.alert_files.rings import (
    Points,
    RingMender,
    TooManyCrossings,
    TooManyVertices,
    check_range,
    swapped_for_sure,
)
from crises.alert_files.wording import clean

MAX_BYTES = 6 * 1024 * 1024

_LINES = ("LineString", "Track", "MultiTrack")
_OVERLAYS = ("GroundOverlay", "ScreenOverlay", "PhotoOverlay")
_TIMES = ("TimeSpan", "TimeStamp")


def read_kml(data: bytes, *, language: str | None = None) -> ReadFile:
    """Read a KML document. Its words come in the one language that the file has.

    Raises AlertFileError, whose message names the element and the line.
    """
    root, warnings = parse(data, most_bytes=MAX_BYTES)
    if local(root.tag) != "kml":
        raise AlertFileError(
            at(f"<{local(root.tag)[:40]}>", line_of(root), _("A KML file begins with <kml>."))
        )
    reader = _Reader()
    for element, folder in _features(root, ""):
        if len(reader.parts) == MAX_PARTS:
            raise AlertFileError(
                _("This file holds more than %(most)s shapes. Join them, or leave some out.")
                % {"most": f"{MAX_PARTS:,}"}
            )
        reader.read(element, folder)
    reader.finish()
    found = ReadFile(FileFormat.KML, [shapes_only(data, _title(root), reader.parts)])
    found.remarks = warnings
    return found


class _Reader:
    """Reads the features of one file; what repairs may cost is counted over all of them."""

    def __init__(self) -> None:
        self.mender = RingMender()
        self.parts: list[Part] = []
        self._first_error: AlertFileError | None = None
        self._swapped: set[int] = set()

    def read(self, element: Element, folder: str) -> None:
        """One placemark, overlay or link. What is wrong with it is among its remarks."""
        name = local(element.tag)
        said = _child_text(element, "name")
        part = Part(said or folder or f"<{name}>", f"<{name}>", line_of(element))
        self.parts.append(part)
        try:
            self._read(name, element, part)
        except (TooManyVertices, TooManyCrossings) as error:
            raise AlertFileError(at(part.element, part.line, error.message)) from error
        except AlertFileError as error:
            part.polygons = []
            part.remarks.append(error.message)
            if self._first_error is None:
                self._first_error = AlertFileError(at(part.element, part.line, error.message))
        part.remarks += _times(element)
        part.remarks[:] = list(dict.fromkeys(part.remarks))

    def finish(self) -> None:
        """What only shows once all are read: none that can be used, or some that were swapped."""
        if not self.parts:
            raise AlertFileError(_("This KML holds no placemarks: it does not say where."))
        if self._first_error and not any(part.understood for part in self.parts):
            raise self._first_error
        if self._swapped:
            for part in self.parts:
                if part.understood and id(part) not in self._swapped:
                    part.remarks.append(
                        _("Elsewhere in this file latitude and longitude were swapped: check them.")
                    )

    def _read(self, name: str, element: Element, part: Part) -> None:
        if name == "NetworkLink":
            part.remarks.append(
                _("It only links to another file, which was not fetched. Save and send that one.")
            )
        elif name in _OVERLAYS:
            self._overlay(element, part)
        else:
            geometries = [child for child in element if local(child.tag) in _READ]
            if not geometries:
                part.remarks.append(_("It has no geometry: it does not say where."))
            for geometry in geometries:
                self._geometry(geometry, element, part)

    def _geometry(self, geometry: Element, placemark: Element, part: Part) -> None:
        name = local(geometry.tag)
        if name == "MultiGeometry":
            for child in geometry:
                if local(child.tag) in _READ:
                    self._geometry(child, placemark, part)
        elif name == "Polygon":
            part.polygons += self._polygon(geometry, part)
        elif name == "LinearRing":
            part.polygons += self._rings([_coordinates(geometry)], part)
        elif name == "Point":
            part.polygons += self._point(geometry, placemark, part)
        else:
            part.remarks.append(_("A line encloses nothing, and was left out."))

    def _polygon(self, element: Element, part: Part) -> list[Polygon]:
        rings: dict[str, list[Points]] = {"outerBoundaryIs": [], "innerBoundaryIs": []}
        for boundary in element:
            if local(boundary.tag) in rings:
                rings[local(boundary.tag)] += [
                    _coordinates(ring) for ring in boundary if local(ring.tag) == "LinearRing"
                ]
        outer, inner = rings["outerBoundaryIs"], rings["innerBoundaryIs"]
        if len(outer) != 1:
            raise AlertFileError(
                at("<Polygon>", line_of(element), _("It must have one <outerBoundaryIs>."))
            )
        return self._rings([*outer, *inner], part)

    def _rings(self, rings: list[Points], part: Part) -> list[Polygon]:
        if not len(rings[0]):
            part.remarks.append(_("An empty %(type)s was left out.") % {"type": "<Polygon>"})
            return []
        with_points = [ring for ring in rings if len(ring)]
        if swapped_for_sure(with_points):
            self._swapped.add(id(part))
        return self.mender.mend(with_points, part.remarks)

    def _point(self, element: Element, placemark: Element, part: Part) -> list[Polygon]:
        points = _coordinates(element)
        if swapped_for_sure([points]):
            self._swapped.add(id(part))
            points = points[:, ::-1]
            part.remarks.append(
                _("Latitude and longitude were swapped, and were read the other way round.")
            )
        check_range(points)
        if not len(points):
            part.remarks.append(_("An empty %(type)s was left out.") % {"type": "<Point>"})
            return []
        longitude, latitude = points[0].tolist()
        radius_km = radius_of(_numbers(placemark), part.remarks)
        if radius_km is None:
            part.remarks.append(point_alone(f"{latitude:.4f}, {longitude:.4f}"))
            return []
        return self.mender.disc(latitude, longitude, radius_km)

    def _overlay(self, element: Element, part: Part) -> None:
        """The frame of a picture reaches further than what it shows: offered, and not ticked."""
        for child in element:
            if local(child.tag) == "LatLonBox":
                part.polygons = read_box(child, self.mender, part.remarks)
            elif local(child.tag) == "LatLonQuad":
                part.polygons = self._rings([_coordinates(child)], part)
        part.chosen = False
        part.remarks.append(
            _("This is a picture. Its frame may reach further than the danger: check it.")
            if part.polygons
            else _("This is a picture, and does not say where.")
        )


_READ = ("Polygon", "LinearRing", "Point", "MultiGeometry", *_LINES)


def _features(parent: Element, folder: str) -> Iterator[tuple[Element, str]]:
    """Every feature with the name of its nearest folder; styles and schemas are passed over."""
    for child in parent:
        name = local(child.tag)
        if name in ("Document", "Folder"):
            yield from _features(child, _child_text(child, "name") or folder)
        elif name in ("Placemark", "NetworkLink") or name in _OVERLAYS:
            yield child, folder


def _coordinates(element: Element) -> Points:
    found = [child for child in element if local(child.tag) == "coordinates"]
    if not found:
        raise AlertFileError(
            at(f"<{local(element.tag)}>", line_of(element), _("Its <coordinates> are missing."))
        )
    return read_coordinates(found[0])


def _numbers(placemark: Element) -> dict[str, float]:
    """The numbers of its <ExtendedData>, by name."""
    found: dict[str, float] = {}
    for element in placemark.iter():
        name = local(element.tag)
        if name == "Data":
            text = _child_text(element, "value")
        elif name == "SimpleData":
            text = clean(element.text or "")
        else:
            continue
        try:
            found.setdefault(clean(element.get("name") or "").lower(), float(text))
        except ValueError:
            continue
    return found


def _times(element: Element) -> list[str]:
    for child in element:
        if local(child.tag) in _TIMES:
            words = [_child_text(child, word) for word in ("begin", "when", "end")]
            shown = " – ".join(filter(None, words))
            return [_("The file gives it this time: %(time)s.") % {"time": shown}]
    return []


def _child_text(element: Element, name: str) -> str:
    return next((clean(child.text or "") for child in element if local(child.tag) == name), "")


def _title(root: Element) -> str:
    for child in root:
        if local(child.tag) in ("Document", "Folder", "Placemark"):
            return _child_text(child, "name")
    return ""
