"""GeoJSON (RFC 7946) to parts: one for each feature, or each geometry of a bare collection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from crises.alert_files.alert import Part
from crises.alert_files.errors import AlertFileError
from crises.alert_files.json_document import Item, JsonDocument, error_at
from crises.alert_files.part_reading import PartReading
from crises.alert_files.rings import Points
from crises.alert_files.wording import clean, name_in

_DEEPEST_COLLECTION = 4
_GEOMETRIES = (
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
)
# The names under which GeoJSON of 2008 says what RFC 7946 takes for granted. Its own text has
# longitude first, whatever order the authority that is named here would use.
_WGS84 = ("CRS84", "EPSG::4326", "EPSG:4326", "EPSG/0/4326", "WGS84", "WGS 84")


def read_parts(document: JsonDocument) -> list[Part]:
    """A part for each element. Raises AlertFileError when none of them can be read at all."""
    check_crs(document.members, _("the file"), document.line)
    reader = _FeatureReader()
    for item in _elements(document):
        reader.add(item)
    if not reader.parts:
        raise AlertFileError(_("This GeoJSON holds no features."))
    return reader.finish()


def check_crs(members: dict[str, Any], element: str, line: int) -> None:
    """Refuse coordinates in any other reference system than longitude and latitude of WGS 84."""
    crs = members.get("crs")
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    named = properties if isinstance(properties, dict) else {}
    name = clean(named.get("name") or named.get("code") or named.get("href"), 80) or "?"
    if not name.upper().endswith(_WGS84):
        problem = _(
            "“crs” names %(name)s. Only WGS 84 (longitude, latitude) can be read: convert it."
        )
        raise error_at(element, line, problem % {"name": name})


class _FeatureReader(PartReading):
    def add(self, item: Item) -> None:
        """One feature or bare geometry."""
        part = Part(name=item.name, element=item.name, line=item.line)
        with self.adding(part):
            self._read(item, part)

    def _read(self, item: Item, part: Part) -> None:
        feature = item.value
        if not isinstance(feature, dict):
            raise AlertFileError(_("This is not a GeoJSON object."))
        properties: Any = {}
        geometry: Any = feature
        if feature.get("type") == "Feature":
            properties, geometry = feature.get("properties"), feature.get("geometry")
            check_crs(feature, item.name, item.line)
            if not (properties is None or isinstance(properties, dict)):
                part.remarks.append(_("Its “properties” are not an object, and were left out."))
                properties = {}
            part.name = name_in(properties) or name_in({"id": feature.get("id")}) or item.name
            if geometry is None:
                part.remarks.append(_("It has no geometry: it does not say where."))
                return
        self._geometry(geometry, properties or {}, part, depth=0)

    def _geometry(self, geometry: Any, properties: dict[str, Any], part: Part, depth: int) -> None:
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        if kind not in _GEOMETRIES:
            raise AlertFileError(
                _("Its geometry must be one of %(listed)s, not “%(type)s”.")
                % {"listed": ", ".join(_GEOMETRIES), "type": clean(kind, 40)}
            )
        check_crs(geometry, part.element, part.line)
        if kind == "GeometryCollection":
            inside = geometry.get("geometries")
            if not isinstance(inside, list) or depth == _DEEPEST_COLLECTION:
                raise AlertFileError(_("Its “geometries” are no list, or nested too deeply."))
            for each in inside:
                self._geometry(each, properties, part, depth + 1)
            return
        coordinates = geometry.get("coordinates")
        if not isinstance(coordinates, list):
            raise AlertFileError(_("Its “coordinates” are missing, or no list."))
        if kind == "Polygon":
            self.add_rings(part, _rings(coordinates, "coordinates"))
        elif kind == "MultiPolygon":
            for number, rings in enumerate(coordinates):
                self.add_rings(part, _rings(rings, f"coordinates[{number}]"))
        elif kind == "Point":
            points = read_points([coordinates] if coordinates else [], "coordinates")
            self.add_points(part, points, properties)
        elif kind == "MultiPoint":
            self.add_points(part, read_points(coordinates, "coordinates"), properties)
        else:
            self.add_line(part)


def _rings(rings: Any, path: str) -> list[Points]:
    if not isinstance(rings, list):
        raise AlertFileError(_("%(path)s is not a list of rings.") % {"path": path})
    return [read_points(ring, f"{path}[{number}]") for number, ring in enumerate(rings)]


def read_points(positions: Any, path: str) -> Points:
    """Rows of (longitude, latitude); altitudes are dropped. Names the position that is none."""
    if not isinstance(positions, list):
        raise AlertFileError(_("%(path)s is not a list of positions.") % {"path": path})
    for number, position in enumerate(positions):
        if (
            type(position) is not list
            or len(position) < 2
            or type(position[0]) is not float
            or type(position[1]) is not float
        ):
            raise AlertFileError(
                _("%(path)s is not a position [longitude, latitude].")
                % {"path": f"{path}[{number}]"}
            )
    return np.array([position[:2] for position in positions], dtype=float).reshape(-1, 2)


def _elements(document: JsonDocument) -> Iterator[Item]:
    kind = document.members.get("type")
    if kind in ("FeatureCollection", "GeometryCollection"):
        key = "features" if kind == "FeatureCollection" else "geometries"
        if document.items is None:
            raise error_at(key, document.line, _("The list of this collection is missing."))
        yield from (item for item in document.items if item.name.startswith(key))
        return
    if kind == "Topology":
        raise AlertFileError(_("This is TopoJSON, which is not read here. Save it as GeoJSON."))
    if kind != "Feature" and kind not in _GEOMETRIES:
        raise error_at(
            "type",
            document.line,
            _("“%(type)s” is no kind of GeoJSON: FeatureCollection, Feature or a geometry.")
            % {"type": clean(kind, 40)},
        )
    yield Item(str(kind), document.line, document.members)
