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

from geography import cells, countries, regions
from geography.discs import Towns, places_touching, towns_in
from geography.normalising import as_one, is_normal, normalise, polygons_of, repair
from geography.sphere import MEAN_RADIUS_M, rings, widest_angle
from geography.validation import (
    InvalidArea,
    SwappedCoordinates,
    check_circle,
    check_coordinates,
    check_crossings,
    most_crossed,
    swapped,
)

__all__ = [
    "Area",
    "InvalidArea",
    "SwappedCoordinates",
    "Towns",
    "places_touching",
    "refine",
    "towns_in",
]

_CIRCLE_CORNERS = 96
# The cells of one resolution that a fine cover may have along its border: those of the United
# States at resolution 6, which takes half a second.
_FINE_BORDER = 16_000
# So many sides may one parallel cross before a fine cover gets fewer cells: each costs by them.
_MUCH_CROSSED = 100
# Square degrees, some ten square metres: what two neighbours' boundaries overlap by when rounded.
_LEAST_OVERLAP = 1e-9
# The names under which a stored area keeps its countries and regions; no standard of GeoJSON's.
_COUNTRIES_MEMBER = "portal_countries"
_REGIONS_MEMBER = "portal_regions"


@dataclass(frozen=True, eq=False)
class Area:
    """Polygons in degrees (lon, lat), valid and cut at the antimeridian, with what is named whole.

    Equal areas have equal digests. `country_codes` (ISO) and `region_codes` ("MX.05", as in
    `regions`) name what was chosen whole: people there are matched by the country and region of
    their stay as well as by its cell.
    """

    geometry: BaseGeometry
    country_codes: tuple[str, ...] = ()
    region_codes: tuple[str, ...] = ()

    @classmethod
    def from_polygons(
        cls,
        polygons: Iterable[BaseGeometry],
        country_codes: Iterable[str] = (),
        region_codes: Iterable[str] = (),
    ) -> Area:
        """Raise InvalidArea unless the polygons, repaired and joined, make an area."""
        given = polygons_of(shapely.GeometryCollection(list(polygons)))
        collected = as_one(shapely.force_2d(polygon) for polygon in given)
        check_coordinates(collected)
        if not is_normal(collected):
            check_crossings(collected)
            collected = repair(collected)
        geometry = shapely.normalize(as_one(polygons_of(collected)))
        if geometry.is_empty or geometry.area == 0:
            raise InvalidArea(_("The area holds nothing: its points lie on one line or spot."))
        return cls(geometry, tuple(sorted(set(country_codes))), tuple(sorted(set(region_codes))))

    @classmethod
    def coordinates(cls, points: Sequence[tuple[float, float]]) -> Area:
        """The polygon of three or more corners, typed as (latitude, longitude) in their order."""
        if len(points) < 3:
            raise InvalidArea(_("Give at least three corners."))
        return cls.from_polygons([shapely.Polygon([(lon, lat) for lat, lon in points])])

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
        return _named(tuple(sorted(set(codes))), ())

    @classmethod
    def regions(cls, codes: Sequence[str]) -> Area:
        """Regions chosen whole, drawn as the discs of their towns, which the database tells."""
        if not codes:
            raise InvalidArea(_("Choose at least one region."))
        return _named((), tuple(sorted(set(codes))))

    @classmethod
    def union(cls, areas: Sequence[Area]) -> Area:
        """The areas as one, which keeps what each names whole."""
        named_countries = {code for area in areas for code in area.country_codes}
        named_regions = {code for area in areas for code in area.region_codes}
        if areas and all(area.is_named for area in areas):
            return _named(tuple(sorted(named_countries)), tuple(sorted(named_regions)))
        polygons = [part for area in areas for part in polygons_of(area.geometry)]
        return cls.from_polygons(polygons, named_countries, named_regions)

    def minus(self, other: Area) -> Area:
        """This area without the other; what the other cuts is no longer named whole.

        Raise InvalidArea when nothing is left.
        """
        rest = shapely.difference(self.geometry, other.geometry)
        polygons = list(polygons_of(rest))
        if not polygons:
            raise InvalidArea(_("Nothing is left of the area once this is taken away."))
        return Area.from_polygons(
            polygons,
            [code for code in self.country_codes if not _cuts_country(other, code)],
            [code for code in self.region_codes if not _cuts_region(other, code)],
        )

    def other_way_round(self) -> Area | None:
        """The area with latitude and longitude exchanged; None where it would lie off the map."""
        try:
            return Area.from_polygons([swapped(self.geometry)])
        except InvalidArea:
            return None

    @classmethod
    def from_geojson(cls, data: dict[str, Any]) -> Area:
        """Read a Polygon, MultiPolygon, GeometryCollection, Feature or FeatureCollection."""
        polygons: list[BaseGeometry] = []
        named_countries: list[str] = []
        named_regions: list[str] = []
        for feature in _features(data):
            polygons.extend(_polygons(feature.get("geometry")))
            named_countries.extend(filter(countries.is_country, _codes(feature, _COUNTRIES_MEMBER)))
            named_regions.extend(filter(regions.is_region, _codes(feature, _REGIONS_MEMBER)))
        return cls.from_polygons(polygons, named_countries, named_regions)

    def to_geojson(self) -> dict[str, Any]:
        """One GeoJSON feature; reading it back gives an equal area."""
        return {
            "type": "Feature",
            "properties": {},
            "geometry": shapely.geometry.mapping(self.geometry),
            _COUNTRIES_MEMBER: list(self.country_codes),
            _REGIONS_MEMBER: list(self.region_codes),
        }

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 of the geometry and what is named whole: what an approver approved."""
        found = hashlib.sha256(shapely.to_wkb(self.geometry, byte_order=1))
        # Without regions it is what it was before there were any, so that approvals hold.
        found.update(",".join((*self.country_codes, *self.region_codes)).encode())
        return found.hexdigest()

    @cached_property
    def is_named(self) -> bool:
        """Whether the area is made of whole countries and regions, and nothing else."""
        if not (self.country_codes or self.region_codes):
            return False
        try:
            return self == _named(self.country_codes, self.region_codes)
        except InvalidArea:  # A region that GeoNames has since divided.
            return False

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
        """The cells that touch the area, and along a long border some more: quickly made."""
        return _cover(self)

    @property
    def fine_cover(self) -> cells.Cover:
        """The cells that touch the area, and no others unless its border is immense or a comb."""
        cover = self.cover
        if cover.exact:
            return cover
        dearer = max(1, most_crossed(self.geometry) // _MUCH_CROSSED)
        return cells.cover_sheet(self.sheet, enough_border=_FINE_BORDER // dearer)

    @property
    def sheet(self) -> BaseGeometry:
        """The geometry prepared for tests against cells and discs, once for each area."""
        return _sheet(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Area) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


def refine(
    area: Area, distinct: cells.Cells, cover: cells.Cover | None = None
) -> npt.NDArray[np.bool_]:
    """Which of the distinct res-7 cells touch the area: exact, where a cover may be coarse.

    `cover` is one of the area's, its own unless given.
    """
    cover = cover or area.cover
    keep = cover.holds(distinct)
    if not cover.exact:
        doubtful = np.flatnonzero(keep & ~cells.in_ranges(cover.inside, distinct))
        keep[doubtful] = cells.touching(area.sheet, distinct[doubtful])
    return keep


def _named(country_codes: tuple[str, ...], region_codes: tuple[str, ...]) -> Area:
    if not region_codes:
        return _countries(country_codes)
    shapes = [countries.boundary(code) for code in country_codes]
    shapes.extend(regions.region_shape(code) for code in region_codes)
    return Area.from_polygons(shapes, country_codes, region_codes)


@lru_cache(maxsize=64)
def _countries(codes: tuple[str, ...]) -> Area:
    return Area.from_polygons([countries.boundary(code) for code in codes], codes)


def _cuts_country(other: Area, code: str) -> bool:
    """Names alone decide where the other area is made of names: drawn neighbours may overlap."""
    if other.is_named:
        within = {regions.country_of(region) for region in other.region_codes}
        return code in other.country_codes or code in within
    return _overlap(other.geometry, countries.boundary(code))


def _cuts_region(other: Area, code: str) -> bool:
    if other.is_named:
        return code in other.region_codes or regions.country_of(code) in other.country_codes
    return _overlap(other.geometry, regions.region_shape(code))


def _overlap(one: BaseGeometry, two: BaseGeometry) -> bool:
    return float(shapely.area(shapely.intersection(one, normalise(two)))) > _LEAST_OVERLAP


@lru_cache(maxsize=256)
def _cover(area: Area) -> cells.Cover:
    return cells.cover_sheet(area.sheet)


@lru_cache(maxsize=64)
def _sheet(area: Area) -> BaseGeometry:
    return cells.sheet_of_normal(area.geometry)


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


def _codes(feature: dict[str, Any], member: str) -> list[str]:
    named = feature.get(member)
    return [code for code in named if isinstance(code, str)] if isinstance(named, list) else []


def _polygons(geometry: Any) -> list[BaseGeometry]:
    if geometry is None:
        return []
    try:
        shape = shapely.geometry.shape(geometry)
    except (ShapelyError, AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        raise InvalidArea(_("A geometry of this GeoJSON cannot be read.")) from error
    return list(polygons_of(shape))
