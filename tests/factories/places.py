"""Real places in the test database: a few hundred by COPY, in a fraction of a second."""

from __future__ import annotations

from functools import lru_cache

from geography.actions import City, load_places, read_cities
from geography.models import Place

KATHMANDU, TOKYO, MOSCOW, CAIRO = 1283240, 1850147, 524901, 360630
ZURICH, SAO_PAULO, COLOGNE, SUVA = 2657896, 3448439, 2886242, 2198148
LONGYEARBYEN, SANTIAGO = 2729907, 3871336

_LARGE = 3_000_000


@lru_cache(maxsize=1)
def all_cities() -> tuple[City, ...]:
    return tuple(read_cities())


def load_large_places() -> int:
    """Every place above three million and Cologne; all of Nepal, Fiji, Svalbard and Switzerland."""
    return load_places(
        cities=[
            city
            for city in all_cities()
            if city["population"] >= _LARGE
            or city["countrycode"] in {"NP", "CH", "FJ", "SJ"}
            or city["geonameid"] == COLOGNE
        ]
    )


def make_place(
    *,
    pk: int,
    name: str,
    latitude: float,
    longitude: float,
    country: str,
    population: int = 1000,
    time_zone: str = "UTC",
    names: tuple[str, ...] = (),
) -> Place:
    """One place of one's own, with its names, as the loader would write it."""
    city: City = {
        "geonameid": pk,
        "name": name,
        "latitude": latitude,
        "longitude": longitude,
        "countrycode": country,
        "admin1code": "",
        "population": population,
        "timezone": time_zone,
        "alternatenames": list(names),
    }
    load_places(cities=[city])
    return Place.objects.get(pk=pk)
