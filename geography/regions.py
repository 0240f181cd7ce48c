"""Regions: a country's first-level divisions, as GeoNames codes them, drawn by their towns' discs.

Nobody publishes their boundaries under a licence that lets them be carried here, so the shape is
for the map; people are matched by the region that their stay names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from geography.countries import is_country
from geography.models import Place
from geography.normalising import normalise
from geography.sphere import rings, widest_angle
from geography.validation import InvalidArea

# Where GeoNames knows no division, its towns have one of these in place of a code.
NO_REGION = ("", "00")
_CODE = re.compile(r"([A-Z]{2})\.([A-Za-z0-9]{1,20})")
_CORNERS = 16


def region_code(country: str, admin1: str) -> str:
    """The code of a stay's or a place's region ("MX.05"); empty where it names none."""
    return f"{country}.{admin1}" if country and admin1 not in NO_REGION else ""


def is_region(code: str) -> bool:
    """Whether the text is written as a region's code, of a country that exists."""
    found = _CODE.fullmatch(code)
    return found is not None and is_country(found[1]) and found[2] not in NO_REGION


def country_of(code: str) -> str:
    """The country of a region's code."""
    return code.partition(".")[0]


def region_choices(country: str) -> list[tuple[str, str]]:
    """Code and most populous town of each region of a country: regions have no names here.

    In the order of their towns' population.
    """
    places = Place.objects.filter(country=country).exclude(admin1__in=NO_REGION)
    largest = places.order_by("admin1", "-population", "pk").distinct("admin1")
    towns = sorted(largest, key=lambda town: (-town.population, town.admin1))
    return [(region_code(country, town.admin1), town.name) for town in towns]


def region_shape(code: str) -> BaseGeometry:
    """The discs of a region's towns, joined. Raise InvalidArea for a region without a town."""
    country, _dot, admin1 = code.partition(".")
    towns = Place.objects.filter(country=country, admin1=admin1) if is_region(code) else ()
    rows = [(town.latitude, town.longitude, town.radius_m) for town in towns]
    if not rows:
        raise InvalidArea(_("%(code)s is not the code of a region.") % {"code": code[:60]})
    latitudes, longitudes, radii = np.array(rows, dtype=np.float64).T
    angles = radii * widest_angle(1)
    discs = shapely.polygons(rings(latitudes, longitudes, angles, _CORNERS))
    return shapely.union_all([normalise(disc) for disc in discs.tolist()])


def split_codes(codes: Iterable[str]) -> tuple[list[str], list[str]]:
    """Region codes as two lists of equal length: countries, and admin-1 codes."""
    pairs = [code.partition(".") for code in codes]
    return [country for country, _dot, _admin1 in pairs], [
        admin1 for _country, _dot, admin1 in pairs
    ]


def largest_towns(code: str, most: int = 5) -> list[Place]:
    """The most populous towns of a region, largest first: its name is not known, they are."""
    country, _dot, admin1 = code.partition(".")
    towns = Place.objects.filter(country=country, admin1=admin1)
    return list(towns.order_by("-population", "pk")[:most])
