"""Places: found in every script, loaded without loss, and the discs that an area touches."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest
import shapely
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from geography.actions import load_places
from geography.areas import Area, places_touching
from geography.discs import discs_touching, radius_m
from geography.labels import label_places
from geography.models import Place, PlaceName
from geography.nearby import nearest_place, time_zone_at
from tests.factories.places import (
    CAIRO,
    COLOGNE,
    KATHMANDU,
    LONGYEARBYEN,
    MOSCOW,
    SAO_PAULO,
    SUVA,
    TOKYO,
    ZURICH,
    all_cities,
    load_large_places,
    make_place,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def places() -> int:
    return load_large_places()


@pytest.mark.parametrize(
    ("typed", "pk"),
    [
        ("Kathmandu", KATHMANDU),
        ("kathm", KATHMANDU),
        ("काठमाडौं", KATHMANDU),
        ("Москва", MOSCOW),
        ("МОСК", MOSCOW),
        ("القاهرة", CAIRO),
        ("القاهره", CAIRO),
        ("東京", TOKYO),
        ("Ｔｏｋｙｏ", TOKYO),
        ("zurich", ZURICH),
        ("ZÜRICH", ZURICH),
        ("Zuri", ZURICH),
        ("sao paulo", SAO_PAULO),
        ("São  Paulo", SAO_PAULO),
        ("koln", COLOGNE),
        ("Colonia", COLOGNE),
    ],
)
def test_a_city_is_found_as_people_write_it(places: int, typed: str, pk: int):
    assert Place.objects.search(typed)[0].pk == pk


def test_exact_names_come_before_beginnings_then_population():
    big = make_place(
        pk=1, name="Sanford", latitude=1, longitude=1, country="US", population=9_000_000
    )
    small = make_place(pk=2, name="Sanf", latitude=1, longitude=1, country="US", population=600)
    other = make_place(pk=3, name="Sanf", latitude=2, longitude=2, country="CA", population=700)
    assert Place.objects.search("sanf") == [other, small, big]
    assert Place.objects.search("sanf", country="US") == [small, big]
    assert Place.objects.search("sanf", limit=1) == [other]


def test_a_place_comes_once_however_many_of_its_names_match():
    place = make_place(
        pk=1,
        name="Aaa",
        latitude=1,
        longitude=1,
        country="US",
        population=20_000,
        names=("Aab", "Aac", "AAA", "Áaa"),
    )
    assert Place.objects.search("aa") == [place]
    assert set(PlaceName.objects.values_list("folded", flat=True)) == {"aaa", "aab", "aac"}


@pytest.mark.parametrize("typed", ["", "  ", "%", "_", "\\", "%%%", "\x00", "'; --", "x" * 5000])
def test_nothing_is_found_for_nothing_and_nothing_breaks(places: int, typed: str):
    assert Place.objects.search(typed) == []


def test_wildcards_are_letters_like_any_other(places: int):
    assert Place.objects.search("k%u") == []
    assert Place.objects.search("kath_andu") == []


def test_the_search_reads_the_index(places: int):
    names = PlaceName.objects.filter(folded__startswith="kathm")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "Index Cond" in names.explain()
    assert re.search(r"place_name_folded\b", names.explain())


def test_loading_again_changes_nothing_and_an_update_keeps_the_row(places: int):
    before = list(Place.objects.order_by("pk").values())
    names = list(PlaceName.objects.order_by("pk").values())
    load_large_places()
    assert list(Place.objects.order_by("pk").values()) == before
    assert list(PlaceName.objects.order_by("pk").values()) == names
    [kathmandu] = [city for city in all_cities() if city["geonameid"] == KATHMANDU]
    load_places(cities=[kathmandu | {"name": "Yem", "population": 10, "latitude": 27.8}])
    changed = Place.objects.get(pk=KATHMANDU)
    assert (changed.name, changed.population, changed.radius_m) == ("Yem", 10, radius_m(10))
    assert [name.folded for name in changed.names.all()] == ["yem"]
    assert Place.objects.count() == len(before)


def test_every_place_of_the_list_is_loaded():
    call_command("load_places", verbosity=0, stdout=io.StringIO())
    assert Place.objects.count() == 234_908
    assert not Place.objects.filter(time_zone="").exists()
    assert Place.objects.filter(names=None).count() == 0
    assert Place.objects.search("pokhara")[0].country == "NP"
    assert Place.objects.search("京都")[0].name == "Kyoto"


def test_the_search_page_answers_in_the_readers_language(client: Client, places: int):
    url = reverse("search_places")
    answer = client.get(url, {"q": "काठ"}, headers={"accept-language": "es"})
    assert answer.status_code == 200
    assert answer.json()["results"][0] == {
        "id": KATHMANDU,
        "label": "Kathmandu, Nepal",
        "country": "NP",
    }
    german = client.get(url, {"q": "koln", "country": "DE"}, headers={"accept-language": "es"})
    assert german.json()["results"][0]["label"] == "Köln, Alemania"
    assert client.get(url, {"q": "koln", "country": "NP"}).json() == {"results": []}
    assert client.get(url).json() == {"results": []}
    assert "private" in answer["Cache-Control"]
    assert "Accept-Language" in answer["Vary"]
    assert client.post(url).status_code == 405


def test_namesakes_are_told_apart_by_their_region():
    twins = [
        Place(pk=pk, name="Springfield", country="US", admin1=admin1)
        for pk, admin1 in ((1, "IL"), (2, "MO"))
    ]
    labels = label_places([*twins, Place(pk=3, name="Paris", country="FR", admin1="11")])
    assert labels == [
        "Springfield (IL), United States",
        "Springfield (MO), United States",
        "Paris, France",
    ]


def test_radii_hold_a_citys_people_and_stay_bounded():
    assert radius_m(0) == radius_m(500) == 2_000
    assert 15_000 < radius_m(1_442_271) < 20_000
    assert 40_000 < radius_m(9_733_276) < 50_000
    assert radius_m(10**9) == 60_000
    radii = [radius_m(population) for population in range(0, 30_000_000, 100_000)]
    assert radii == sorted(radii)


@pytest.fixture
def world(places: int) -> dict[str, Any]:
    rows = list(Place.objects.order_by("pk").values_list("pk", "latitude", "longitude", "radius_m"))
    table = np.array(rows, dtype=np.float64)
    return {
        "ids": table[:, 0].astype(int),
        "discs": (table[:, 1], table[:, 2], table[:, 3]),
    }


AREAS = [
    Area.circle(27.7, 85.32, 100),
    Area.circle(27.7, 85.32, 0.1),
    Area.circle(-17.7, 179.9, 400),
    Area.circle(78.5, 16, 300),
    Area.circle(88, 0, 1500),
    Area.countries(["CH"]),
    Area.countries(["FJ", "CL"]),
    Area.countries(["US"]),
    Area.from_polygons([shapely.box(84, 27, 85, 28).boundary.buffer(0.01)]),
    Area.from_polygons([shapely.box(-180, -90, 180, 90)]),
]


@pytest.mark.parametrize("area", AREAS, ids=lambda area: str(area.bounds))
def test_the_places_touching_an_area_are_those_of_a_full_scan(world: dict[str, Any], area: Area):
    expected = world["ids"][discs_touching(area.sheet, *world["discs"])].tolist()
    assert places_touching(area) == expected


def test_a_town_beside_the_area_touches_with_its_disc(places: int):
    # 25 km east of Zurich's centre: outside the town's point, within reach of its disc of 9.5 km.
    assert ZURICH in places_touching(Area.circle(47.36667, 8.55 + 0.33, 16))
    assert ZURICH not in places_touching(Area.circle(47.36667, 8.55 + 0.33, 14))


def test_the_nearest_place_names_a_pin(places: int):
    assert nearest_place(27.705, 85.322).pk == KATHMANDU  # type: ignore[union-attr]
    assert nearest_place(78.3, 15.7).pk == LONGYEARBYEN  # type: ignore[union-attr]
    assert nearest_place(-18.14, 178.45).pk == SUVA  # type: ignore[union-attr]
    assert nearest_place(0, -30) is None
    assert time_zone_at(27.7, 85.3) == "Asia/Kathmandu"
    assert time_zone_at(0, -30) == "Etc/GMT+2"
    assert time_zone_at(-40, 80) == "Etc/GMT-5"
    assert time_zone_at(-40, 3) == "Etc/GMT"


@pytest.mark.django_db(transaction=False)
def test_the_nearest_place_is_the_nearest_of_all(places: int):
    rows = list(Place.objects.filter(country="NP"))

    @given(st.floats(26.5, 30.2), st.floats(80.2, 88))
    @settings(max_examples=40, deadline=None)
    def nearest_of_all(latitude: float, longitude: float) -> None:
        found = nearest_place(latitude, longitude)
        assert found is not None

        def away(place: Place) -> float:
            east = np.radians(place.longitude - longitude)
            a, b = np.radians(latitude), np.radians(place.latitude)
            return float(np.arccos(np.sin(a) * np.sin(b) + np.cos(a) * np.cos(b) * np.cos(east)))

        assert away(found) <= min(away(place) for place in rows) + 1e-9

    nearest_of_all()
