"""Countries by code: named in each language, drawn, and found under a point."""

from __future__ import annotations

import json

import pycountry
import pytest
import shapely
from django.conf import settings
from django.utils import translation

from geography.countries import (
    boundary,
    country_at,
    country_choices,
    country_name,
    is_country,
)


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("NP", "es", "Nepal"),
        ("NP", "fr", "Népal"),
        ("NP", "ar", "نيبال"),
        ("BO", "en", "Bolivia"),
        ("BO", "es", "Bolivia"),
        ("DE", "es-mx", "Alemania"),
        ("IR", "ar", "إيران، الجمهوريّة الإسلاميّة الإيرانيّة"),
        ("XK", "ar", "كوسوفو"),
        ("ZZ", "en", "ZZ"),
        ("JP", "tlh", "Japan"),
    ],
)
def test_a_country_is_named_in_a_language(code: str, language: str, name: str):
    assert country_name(code, language) == name


def test_the_active_language_names_and_sorts():
    with translation.override("es"):
        assert country_name("DE") == "Alemania"
        choices = country_choices()
    names = [name for _, name in choices]
    assert names.index("Alemania") < names.index("Argentina") < names.index("Zimbabue")
    assert len(choices) == len(pycountry.countries) + 1
    with translation.override("fr"):
        names = [name for _, name in country_choices()]
        assert names.index("Égypte") < names.index("Espagne") < names.index("Finlande")


def test_only_codes_are_countries():
    assert is_country("NP")
    assert is_country("XK")
    assert not is_country("np")
    assert not is_country("")
    with pytest.raises(KeyError):
        boundary("XX")


def test_every_boundary_is_valid_and_cut_at_the_antimeridian():
    without = set()
    for code, _ in country_choices():
        shape = boundary(code)
        if shape.is_empty:
            without.add(code)
            continue
        assert shape.is_valid, code
        west, south, east, north = shape.bounds
        assert -180 <= west < east <= 180, code
        assert -90 <= south < north <= 90, code
    # Uninhabited rocks, which neither the atlas nor GeoNames' places know.
    assert without == {"BV", "UM"}


@pytest.mark.parametrize(
    ("latitude", "longitude", "code"),
    [
        (27.70, 85.32, "NP"),
        (-8.73, 115.17, "ID"),  # on Kuta beach, outside the drawn coast or just inside
        (-17.0, 179.99, "FJ"),
        (-16.9, -179.98, "FJ"),
        (4.92, -52.31, "GF"),
        (-21.1, 55.5, "RE"),
        (16.25, -61.5, "GP"),
        (14.6, -61.0, "MQ"),
        (-12.8, 45.2, "YT"),
        (78.22, 15.64, "SJ"),
        (12.18, -68.25, "BQ"),
        (-10.45, 105.67, "CX"),
        (48.85, 2.35, "FR"),
        (36.14, -5.35, "GI"),
        (41.90, 12.47, "IT"),
        (43.94, 12.45, "SM"),
        (42.66, 21.16, "XK"),
        (45.0, 34.1, "UA"),
        (35.33, 33.32, "CY"),
        (9.56, 44.06, "SO"),
        (22.3, 114.17, "HK"),
        (-89.9, 0.0, "AQ"),
        (0.0, -30.0, None),
        (89.0, 0.0, None),
    ],
)
def test_a_point_lies_in_its_country(latitude: float, longitude: float, code: str | None):
    assert country_at(latitude, longitude) == code


def test_the_base_map_is_light_and_sound():
    path = settings.BASE_DIR / "static/geography/countries.json"
    assert path.stat().st_size < 900_000
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    assert len(features) >= 240
    for feature in features:
        shape = shapely.geometry.shape(feature["geometry"])
        assert not shape.is_empty
        assert shape.is_valid
