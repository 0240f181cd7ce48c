"""GeoJSON (RFC 7946) to parts: one for each feature, or each geometry of a bare collection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from shapely.geometry import Polygon

from crises.alert_files.alert import Part
from crises.alert_files.errors import AlertFileError
from crises.alert_files.json_document import Item, JsonDocument, error_at
from crises.alert_files.rings import (
    Points,
    RingMender,
    TooManyCrossings,
    TooManyVertices,
    swapped_for_sure,
)
from crises.alert_files.wording import clean, name_in

MAX_PARTS = 2_000
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
    items = list(_elements(document))
    if not items:
        raise AlertFileError(_("This GeoJSON holds no features."))
    if len(items) > MAX_PARTS:
        raise AlertFileError(
            _("This file holds more than %(most)s shapes. Join them, or leave some out.")
            % {"most": f"{MAX_PARTS:,}"}
        )
    reader = FeatureReader()
    parts = [reader.part(item) for item in items]
    reader.finish(parts)
    return parts


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


class FeatureReader:
    """Reads the features of one file; what repairs may cost is counted over all of them."""

    def __init__(self) -> None:
        self.mender = RingMender()
        self._swapped: set[str] = set()
        self._first_error: AlertFileError | None = None

    def part(self, item: Item) -> Part:
        """One feature or bare geometry. What is wrong with it is among its remarks."""
        part = Part(name=item.name, element=item.name, line=item.line)
        try:
            self._read(item, part)
        except (TooManyVertices, TooManyCrossings) as error:
            raise error_at(item.name, item.line, error.message) from error
        except AlertFileError as error:
            part.polygons = []
            part.remarks.append(error.message)
            self._first_error = self._first_error or error_at(item.name, item.line, error.message)
        part.remarks[:] = list(dict.fromkeys(part.remarks))
        return part

    def finish(self, parts: list[Part]) -> None:
        """What only shows once all are read: none that can be used, or some that were swapped."""
        if self._first_error and not any(part.understood for part in parts):
            raise self._first_error
        if self._swapped:
            for part in parts:
                if part.understood and part.element not in self._swapped:
                    part.remarks.append(
                        _("Elsewhere in this file latitude and longitude were swapped: check them.")
                    )

    def _read(self, item: Item, part: Part) -> None:
        feature = item.value
        if not isinstance(feature, dict):
            raise AlertFileError(_("This is not a GeoJSON object."))
        kind = feature.get("type")
        properties: Any = {}
        geometry: Any = feature
        if kind == "Feature":
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
        if not coordinates:
            part.remarks.append(_("An empty %(type)s was left out.") % {"type": kind})
        elif kind == "Polygon":
            part.polygons += self._polygon(coordinates, "coordinates", part)
        elif kind == "MultiPolygon":
            for number, rings in enumerate(coordinates):
                part.polygons += self._polygon(rings, f"coordinates[{number}]", part)
        elif kind == "Point":
            part.polygons += self._points([coordinates], "coordinates", properties, part)
        elif kind == "MultiPoint":
            part.polygons += self._points(coordinates, "coordinates", properties, part)
        else:
            part.remarks.append(_("A line encloses nothing, and was left out."))

    def _polygon(self, rings: Any, path: str, part: Part) -> list[Polygon]:
        if not isinstance(rings, list):
            raise AlertFileError(_("%(path)s is not a list of rings.") % {"path": path})
        read = [read_points(ring, f"{path}[{number}]") for number, ring in enumerate(rings)]
        if not read or not len(read[0]):
            part.remarks.append(_("An empty %(type)s was left out.") % {"type": "Polygon"})
            return []
        rings_with_points = [ring for ring in read if len(ring)]
        self._note_swap(rings_with_points, part)
        return self.mender.mend(rings_with_points, part.remarks)

    def _points(
        self, positions: list[Any], path: str, properties: dict[str, Any], part: Part
    ) -> list[Polygon]:
        points = read_points(positions, path)
        if swapped_for_sure([points]):
            self._note_swap([points], part)
            points = points[:, ::-1]
            part.remarks.append(
                _("Latitude and longitude were swapped, and were read the other way round.")
            )
        radius_km = radius_of(properties, part.remarks)
        if radius_km is None:
            shown = "; ".join(f"{lat:.4f}, {lon:.4f}" for lon, lat in points[:3].tolist())
            part.remarks.append(point_alone(shown))
            return []
        self.mender.count(len(points))
        return [
            polygon
            for longitude, latitude in points.tolist()
            for polygon in self.mender.disc(latitude, longitude, radius_km)
        ]

    def _note_swap(self, rings: list[Points], part: Part) -> None:
        if swapped_for_sure(rings):
            self._swapped.add(part.element)


def point_alone(shown: str) -> str:
    """Why a point is not understood; `shown` is its latitude and longitude, to be typed."""
    return _(
        "A point (latitude, longitude %(point)s) without a radius: how far it reaches is not "
        "known. Type it with a radius instead."
    ) % {"point": shown}


def radius_of(properties: dict[str, Any], remarks: list[str]) -> float | None:
    """Kilometres. A plain "radius" is in metres, as map libraries draw it; the remark says so."""
    for key, kilometres in (("radius_km", 1.0), ("radius_m", 0.001), ("radius", 0.001)):
        value = properties.get(key)
        if value is None:
            continue
        if not isinstance(value, float) or not 0 < value * kilometres <= 20_038:
            remarks.append(
                _("Its “%(key)s” is “%(value)s”, which is no radius.")
                % {"key": key, "value": clean(value, 40)}
            )
            continue
        radius = value * kilometres
        remarks.append(
            _("A circle of %(radius)s km about the point, from “%(key)s”.")
            % {"radius": f"{radius:g}", "key": key}
            if key != "radius"
            else _("A circle of %(radius)s km about the point: “radius” was read as metres.")
            % {"radius": f"{radius:g}"}
        )
        return radius
    return None


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
