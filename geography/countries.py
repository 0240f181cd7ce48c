"""Countries and territories by their ISO 3166 codes: names in each language, and boundaries."""

from __future__ import annotations

import gettext
import json
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pycountry
import shapely
from django.utils.translation import get_language
from shapely.geometry.base import BaseGeometry

from geography.normalising import around_the_world
from geography.sharing import one_at_a_time
from geography.sphere import cap_bounds, metres_per_degree

DATA_FILE = Path(__file__).parent / "data" / "countries.geojson"

# GeoNames and the boundaries know Kosovo by this user-assigned code, which ISO 3166 does not list.
_USER_ASSIGNED = {"XK": {"en": "Kosovo", "es": "Kosovo", "fr": "Kosovo", "ar": "كوسوفو"}}
# A pin on a beach may lie outside a coast drawn at 1:50 million.
_COAST_KM = 50.0


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(country.alpha_2 for country in pycountry.countries) | set(_USER_ASSIGNED)


def is_country(code: str) -> bool:
    """Whether the text is an ISO 3166 alpha-2 code, in capitals."""
    return code in _codes()


def country_name(code: str, language: str | None = None) -> str:
    """The short name in a language (the active one unless given); the code where it is unknown."""
    return _names((language or get_language() or "en").split("-")[0]).get(code, code)


def named(codes: Iterable[str]) -> list[dict[str, str]]:
    """Countries for a page's list: {"code": "NP", "name": "Nepal"}, in the active language."""
    return [{"code": code, "name": country_name(code)} for code in codes]


def country_choices() -> list[tuple[str, str]]:
    """Code and name of every country, in the order of the active language's names."""
    return list(_choices((get_language() or "en").split("-")[0]))


def code_of_country(text: str) -> str:
    """The code of a country named in the active language, in English or by its code, else ""."""
    wanted = text.strip()
    if is_country(wanted.upper()):
        return wanted.upper()
    active = (get_language() or "en").split("-")[0]
    for language in (active, "en"):
        for code, name in _choices(language):
            if _sorting(name) == _sorting(wanted):
                return code
    return ""


def boundary(code: str) -> BaseGeometry:
    """The country's polygons in degrees (lon, lat). Raise KeyError for an unknown code."""
    shape = _boundaries().get(code)
    if shape is None and not is_country(code):
        raise KeyError(code)
    return shape or shapely.Polygon()


@one_at_a_time
def country_at(latitude: float, longitude: float) -> str | None:
    """The code of the country that holds the point, or of the nearest within 50 km.

    Where a territory is known by its places' discs alone (the Vatican), its neighbour's boundary
    is believed first.
    """
    tree, codes = _tree()
    point = shapely.Point(longitude, latitude)
    inside = tree.query(point, predicate="intersects")
    if inside.size:
        return codes[int(inside.min())]
    angle = np.degrees(_COAST_KM * 1000 / 6_335_439.0)
    box = cap_bounds(np.array([latitude]), np.array([longitude]), float(angle))[0]
    near = tree.query(shapely.box(*box))
    if not near.size:
        return None
    along, up = metres_per_degree(min(abs(latitude), 89.0))
    scale = np.array([along / 1000, up / 1000])
    shapes = [
        shapely.transform(shapely.clip_by_rect(tree.geometries[i], *box), lambda p: p * scale)
        for i in near.tolist()
    ]
    away = shapely.distance(shapely.Point(longitude * scale[0], latitude * scale[1]), shapes)
    away = np.where(np.isnan(away), np.inf, away)
    best = int(np.argmin(away))
    return codes[int(near[best])] if away[best] <= _COAST_KM else None


@lru_cache(maxsize=16)
def _names(language: str) -> dict[str, str]:
    catalogue = gettext.translation(
        "iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True
    )
    catalogue.add_fallback(_Untranslated())
    names = {code: names.get(language, names["en"]) for code, names in _USER_ASSIGNED.items()}
    for country in pycountry.countries:
        common = getattr(country, "common_name", country.name)
        # Some catalogues translate the official name alone.
        names[country.alpha_2] = (
            catalogue.gettext(common) or catalogue.gettext(country.name) or common
        )
    return names


class _Untranslated(gettext.NullTranslations):
    """Tells a name that stays the same in a language (Bolivia) from one without translation."""

    def gettext(self, message: str) -> str:
        return ""


@lru_cache(maxsize=16)
def _choices(language: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(_names(language).items(), key=lambda item: _sorting(item[1])))


def _sorting(name: str) -> str:
    """Accents do not part a letter from its like: Åland stands under A."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@lru_cache(maxsize=1)
def _boundaries() -> dict[str, BaseGeometry]:
    return {
        feature["properties"]["code"]: shapely.geometry.shape(feature["geometry"])
        for feature in _features()
    }


@lru_cache(maxsize=1)
def _discs() -> frozenset[str]:
    """Codes whose territory is drawn as the discs of its places, over its neighbours' ground."""
    drawn = (feature["properties"] for feature in _features())
    return frozenset(feature["code"] for feature in drawn if feature["source"] == "places")


@lru_cache(maxsize=1)
def _features() -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = json.loads(DATA_FILE.read_text(encoding="utf-8"))["features"]
    return features


@lru_cache(maxsize=1)
def _tree() -> tuple[shapely.STRtree, list[str]]:
    """Every polygon of every boundary, around the world, with its country's code."""
    polygons: list[BaseGeometry] = []
    codes: list[str] = []
    discs_last = sorted(_boundaries().items(), key=lambda item: (item[0] in _discs(), item[0]))
    for code, shape in discs_last:
        parts = shapely.get_parts(around_the_world(shape)).tolist()
        polygons.extend(parts)
        codes.extend([code] * len(parts))
    for polygon in polygons:
        shapely.prepare(polygon)
    return shapely.STRtree(polygons), codes
