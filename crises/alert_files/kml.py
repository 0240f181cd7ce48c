"""KML 2.2 and 2.3 to parts: one for each placemark or overlay. Nothing it links to is fetched."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element  # nosec B405: the type only

from django.utils.translation import gettext as _

from crises.alert_files.alert import Part, ReadFile
from crises.alert_files.document import line_of, local, parse
from crises.alert_files.errors import AlertFileError, at
from crises.alert_files.formats import MAX_BYTES, FileFormat
from crises.alert_files.json_files import shapes_only
from crises.alert_files.kml_shapes import read_box, read_coordinates
from crises.alert_files.part_reading import PartReading
from crises.alert_files.rings import Points
from crises.alert_files.wording import clean

_GEOMETRIES = (
    "Polygon",
    "LinearRing",
    "Point",
    "MultiGeometry",
    "LineString",
    "Track",
    "MultiTrack",
    "Model",
)
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
    reader = _PlacemarkReader()
    for element, folder in _features(root, ""):
        reader.add(element, folder)
    if not reader.parts:
        raise AlertFileError(_("This KML holds no placemarks: it does not say where."))
    found = ReadFile(FileFormat.KML, [shapes_only(data, _title(root), reader.finish())])
    found.remarks = warnings
    return found


class _PlacemarkReader(PartReading):
    def add(self, element: Element, folder: str) -> None:
        """One placemark, overlay or link; one without a name goes by its folder's."""
        name = local(element.tag)
        said = _child_text(element, "name")
        part = Part(said or folder or f"<{name}>", f"<{name}>", line_of(element))
        with self.adding(part):
            self._read(name, element, part)
        part.remarks += _times(element)

    def _read(self, name: str, element: Element, part: Part) -> None:
        if name == "NetworkLink":
            part.remarks.append(
                _("It only links to another file, which was not fetched. Save and send that one.")
            )
            return
        if name in _OVERLAYS:
            self._overlay(element, part)
            return
        geometries = [child for child in element if local(child.tag) in _GEOMETRIES]
        # Asked once: a placemark can have thousands of points, and of numbers.
        numbers = _numbers(element)
        for geometry in geometries:
            self._geometry(geometry, numbers, part)

    def _geometry(self, geometry: Element, numbers: dict[str, float], part: Part) -> None:
        name = local(geometry.tag)
        if name == "MultiGeometry":
            for child in geometry:
                self._geometry(child, numbers, part)
        elif name == "Polygon":
            self.add_rings(part, _rings(geometry))
        elif name == "LinearRing":
            self.add_rings(part, [_coordinates(geometry)])
        elif name == "Point":
            self.add_points(part, _coordinates(geometry)[:1], numbers)
        elif name in _GEOMETRIES:
            self.add_line(part)

    def _overlay(self, element: Element, part: Part) -> None:
        """The frame of a picture reaches further than what it shows: offered, and not ticked."""
        for child in element:
            if local(child.tag) == "LatLonBox":
                part.polygons += read_box(child, self.mender, part.remarks)
            elif local(child.tag) == "LatLonQuad":
                self.add_rings(part, [_coordinates(child)])
        part.chosen = False
        part.remarks.append(
            _("This is a picture. Its frame may reach further than the danger: check it.")
            if part.polygons
            else _("This is a picture, and does not say where.")
        )


def _rings(polygon: Element) -> list[Points]:
    """The outer ring of a <Polygon>, and its holes."""
    rings: dict[str, list[Points]] = {"outerBoundaryIs": [], "innerBoundaryIs": []}
    for boundary in polygon:
        if local(boundary.tag) in rings:
            rings[local(boundary.tag)] += [
                _coordinates(ring) for ring in boundary if local(ring.tag) == "LinearRing"
            ]
    if len(rings["outerBoundaryIs"]) != 1:
        raise AlertFileError(
            at("<Polygon>", line_of(polygon), _("It must have one <outerBoundaryIs>."))
        )
    return rings["outerBoundaryIs"] + rings["innerBoundaryIs"]


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
