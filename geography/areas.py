"""An area that a crisis may touch: one value object, however it was drawn, typed or imported."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from django.utils.translation import gettext as _
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from geography import cells, countries
from geography.discs import places_touching
from geography.normalising import as_one, normalise, polygons_of
from geography.sphere import MEAN_RADIUS_M, rings, widest_angle
from geography.validation import InvalidArea, check_circle, check_coordinates

__all__ = ["Area", "InvalidArea", "places_touching", "refine"]

_CIRCLE_CORNERS = 96
# The name under which a stored area keeps its countries; no standard member of GeoJSON.
_COUNTRIES_MEMBER = "portal_countries"


@dataclass(frozen=True, eq=False)
class Area:
    """Polygons in degrees (lon, lat), valid and cut at the antimeridian, with their ISO countries.

    Equal areas have equal digests. `country_codes` names the countries chosen whole: people there
    are matched by their stay's country code as well as by its cell.
    """

    geometry: BaseGeometry
    country_codes: tuple[str, ...] = ()

    @classmethod
    def from_polygons(
        cls, polygons: Iterable[BaseGeometry], country_codes: Iterable[str] = ()
    ) -> Area:
        """Raise InvalidArea unless the polygons, repaired and joined, make an area."""
        given = polygons_of(shapely.GeometryCollection(list(polygons)))
        collected = as_one(shapely.force_2d(polygon) for polygon in given)
        check_coordinates(collected)
        geometry = shapely.normalize(as_one(polygons_of(normalise(collected))))
        if geometry.is_empty or geometry.area == 0:
            raise InvalidArea(_("The area holds nothing: its points lie on one line or spot."))
        return cls(geometry, tuple(sorted(set(country_codes))))

    @classmethod
    def circle(cls, latitude: float, longitude: float, radius_km: float) -> Area:
        """A polygon around the circle: every point within radius_km on the ellipsoid is inside."""
        check_circle(latitude, longitude, radius_km)
        angle = np.array([widest_angle(radius_km * 1000)])
        # The corners stand off so that the sides touch the circle from outside.
        corner = np.degrees(np.arctan(np.tan(np.radians(angle)) / np.cos(np.pi / _CIRCLE_CORNERS)))
        ring = rings(np.array([latitude]), np.array([longitude]), corner, _CIRCLE_CORNERS)[0]
        return cls.from_polygons([shapely.Polygon(ring)])

    @classmethod
    def countries(cls, codes: Sequence[str]) -> Area:
        unknown = [code for code in codes if not countries.is_country(code)]
        if unknown:
            raise InvalidArea(
                _("%(code)s is not the code of a country.") % {"code": ", ".join(unknown)[:60]}
            )
        return _countries(tuple(sorted(set(codes))))

    @classmethod
    def from_geojson(cls, data: dict[str, Any]) -> Area:
        """Read a Polygon, MultiPolygon, GeometryCollection, Feature or FeatureCollection."""
        polygons: list[BaseGeometry] = []
        codes: list[str] = []
        for feature in _features(data):
            polygons.extend(_polygons(feature.get("geometry")))
            named = feature.get(_COUNTRIES_MEMBER)
            codes.extend(
                code
                for code in (named if isinstance(named, list) else [])
                if isinstance(code, str) and countries.is_country(code)
            )
        return cls.from_polygons(polygons, codes)

    def to_geojson(self) -> dict[str, Any]:
        """One GeoJSON feature; reading it back gives an equal area."""
        return {
            "type": "Feature",
            "properties": {},
            "geometry": shapely.geometry.mapping(self.geometry),
            _COUNTRIES_MEMBER: list(self.country_codes),
        }

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 of the geometry and the countries: what an approver approved."""
        found = hashlib.sha256(shapely.to_wkb(self.geometry, byte_order=1))
        found.update(",".join(self.country_codes).encode())
        return found.hexdigest()

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        west, south, east, north = self.geometry.bounds
        return west, south, east, north

    @property
    def square_km(self) -> float:
        """Size on the sphere, by the cylindrical equal-area projection."""
        flat = shapely.transform(self.geometry, _equal_area)
        return float(flat.area) / 1e6

    @property
    def cover(self) -> cells.Cover:
        """The cells that touch the area, worked out once for each area."""
        return _cover(self)

    @property
    def sheet(self) -> BaseGeometry:
        """The geometry prepared for tests against cells and discs, once for each area."""
        return _sheet(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Area) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


def refine(area: Area, distinct: cells.Cells) -> npt.NDArray[np.bool_]:
    """Which of the distinct res-7 cells touch the area: exact, where a cover may be coarse."""
    cover = area.cover
    keep = cover.holds(distinct)
    if not cover.exact:
        doubtful = np.flatnonzero(keep & ~cells.in_ranges(cover.inside, distinct))
        keep[doubtful] = cells.touching(area.sheet, distinct[doubtful])
    return keep


@lru_cache(maxsize=64)
def _countries(codes: tuple[str, ...]) -> Area:
    return Area.from_polygons([countries.boundary(code) for code in codes], codes)


@lru_cache(maxsize=256)
def _cover(area: Area) -> cells.Cover:
    return cells.cover_sheet(area.sheet)


@lru_cache(maxsize=64)
def _sheet(area: Area) -> BaseGeometry:
    return cells.sheet_of(area.geometry)


def _equal_area(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    radians = np.radians(points)
    return MEAN_RADIUS_M * np.column_stack([radians[:, 0], np.sin(radians[:, 1])])


def _features(data: Any) -> list[dict[str, Any]]:
    if not isinstance(data, dict):
        raise InvalidArea(_("This is not a GeoJSON object."))
    if data.get("type") == "FeatureCollection":
        features = data.get("features")
        if not isinstance(features, list):
            raise InvalidArea(_("This GeoJSON collection has no list of features."))
        return [feature for feature in features if isinstance(feature, dict)]
    return [data] if data.get("type") == "Feature" else [{"geometry": data}]


def _polygons(geometry: Any) -> list[BaseGeometry]:
    if geometry is None:
        return []
    try:
        shape = shapely.geometry.shape(geometry)
    except (ShapelyError, AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        raise InvalidArea(_("A geometry of this GeoJSON cannot be read.")) from error
    return list(polygons_of(shape))
