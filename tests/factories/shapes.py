"""GeoJSON, KML, KMZ and ShakeMap contours, written as a test needs them."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from shapely.geometry import Polygon
from shapely.geometry import mapping as geometry_of

from crises.alert_files import AlertFile, Part, read_file

WRITTEN = Path(__file__).parent.parent / "data" / "alerts" / "written"
RING = [[20, 10], [21, 10], [21, 11], [20, 11], [20, 10]]
SQUARE = {"type": "Polygon", "coordinates": [RING]}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: Any, **members: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", **members, "features": features}).encode()


def ring(*points: tuple[float, float]) -> bytes:
    """GeoJSON of one ring, as given."""
    return json.dumps({"type": "Polygon", "coordinates": [points]}).encode()


def round_ring(
    radius: float, lon: float = 0, lat: float = 0, corners: int = 60
) -> list[list[float]]:
    points = [
        [lon + radius * math.cos(angle), lat + radius * math.sin(angle)]
        for angle in (2 * math.pi * step / corners for step in range(corners))
    ]
    return [*points, points[0]]


def earthquake(**changes: Any) -> dict[str, Any]:
    """A feature as the USGS writes it; `changes` name properties, `point` and `id`."""
    point = changes.pop("point", [-92.6, 14.4, 10])
    identifier = changes.pop("id", "us0000test")
    properties = {"mag": 7.0, "place": "Sea", "time": 1_792_137_600_000, "type": "earthquake"}
    geometry = {"type": "Point", "coordinates": point}
    return {**feature(geometry, **{**properties, **changes}), "id": identifier}


def contour(value: float, *lines: Any, units: str = "mmi") -> dict[str, Any]:
    geometry = {"type": "MultiLineString", "coordinates": lines}
    return feature(geometry, value=value, units=units, color="#fff", weight=2)


def kml(inside: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2" '
        f'xmlns:gx="http://www.google.com/kml/ext/2.2"><Document>\n{inside}\n</Document></kml>'
    ).encode()


def placemark(coordinates: str, name: str = "A", holes: Iterable[str] = ()) -> str:
    inner = "".join(
        f"<innerBoundaryIs><LinearRing><coordinates>{hole}</coordinates></LinearRing>"
        "</innerBoundaryIs>"
        for hole in holes
    )
    return (
        f"<Placemark><name>{name}</name><Polygon><outerBoundaryIs><LinearRing>"
        f"<coordinates>{coordinates}</coordinates></LinearRing></outerBoundaryIs>{inner}"
        "</Polygon></Placemark>"
    )


def kmz(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return written.getvalue()


def polygon_kml(polygon: Polygon) -> bytes:
    outer, *holes = (
        " ".join(f"{lon!r},{lat!r}" for lon, lat in points)
        for points in geometry_of(polygon)["coordinates"]
    )
    return kml(placemark(outer, holes=holes))


def the_alert(data: bytes) -> AlertFile:
    (alert,) = read_file(data).alerts
    return alert


def the_part(data: bytes) -> Part:
    (part,) = the_alert(data).parts
    return part


def remarks(part: Part) -> str:
    return " | ".join(part.remarks)


def size(part: Part) -> float:
    """Square degrees."""
    return sum(polygon.area for polygon in part.polygons)
