"""The same audience in a tenth of the rows: what the tenfold table costs more."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import connection

from benchmarks.areas import Ground
from benchmarks.asking import Answer, Disagreement, Window, keep, portal_people
from benchmarks.population import vacuum
from registrations.models import Consent, ContactPoint, Person, Stay

MOST_GROWTH = 1.2
RUNS = 30

_SCHEMA = "small"
_OF_PEOPLE = {Person: "id", Stay: "person_id", Consent: "person_id", ContactPoint: "person_id"}

# Everybody of the audiences, and others until there are enough; in the order of the large table.
_CHOSEN = """
CREATE UNLOGGED TABLE small.chosen AS
WITH wanted AS ({people})
SELECT person_id FROM wanted
UNION ALL (
    SELECT id FROM registrations_person WHERE id NOT IN (SELECT person_id FROM wanted)
    LIMIT greatest(%s - (SELECT count(*) FROM wanted), 0))
"""


def build_small(stays: int, grounds: Iterable[Ground]) -> int:
    """Fill a schema with about that many stays, all in the grounds among them; return how many."""
    queries = [Stay.objects.in_area(ground.area()).values("person_id") for ground in grounds]
    compiled = [query.query.sql_with_params() for query in queries]
    people = " UNION ".join(f"({sql})" for sql, _ in compiled)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*)::float / count(DISTINCT person_id) FROM registrations_stay")
        (stays_each,) = cursor.fetchone()
        cursor.execute(f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE")
        cursor.execute(f"CREATE SCHEMA {_SCHEMA}")
        parameters: list[Any] = [each for _, given in compiled for each in given]
        cursor.execute(_CHOSEN.format(people=people), [*parameters, round(stays / stays_each)])
        for model, column in _OF_PEOPLE.items():
            table = model._meta.db_table
            small = f"{_SCHEMA}.{table}"
            cursor.execute(f"CREATE TABLE {small} (LIKE {table} INCLUDING ALL)")
            cursor.execute(
                f"INSERT INTO {small} SELECT * FROM {table} WHERE {column} IN "
                f"(SELECT person_id FROM {_SCHEMA}.chosen) ORDER BY ctid"
            )
        cursor.execute(f"SELECT count(*) FROM {_SCHEMA}.{Stay._meta.db_table}")
        (count,) = cursor.fetchone()
    vacuum(*(f"{_SCHEMA}.{model._meta.db_table}" for model in _OF_PEOPLE))
    return int(count)


@contextmanager
def small() -> Iterator[None]:
    """The portal's queries, which name no schema, read the small tables in here."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path = {_SCHEMA}, public")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET search_path = public")


def measure_growth(
    grounds: Sequence[Ground], window: Window, *, small_stays: int, runs: int = RUNS
) -> dict[str, Any]:
    """Milliseconds for the same audiences in the small and in the large tables, in turn."""
    areas = [_measure(ground, window, runs) for ground in grounds]
    ratio = max(each["ratio"] for each in areas)
    return {"small_stays": small_stays, "runs": runs, "areas": areas, "ratio": ratio}


def _measure(ground: Ground, window: Window, runs: int) -> dict[str, Any]:
    ask = partial(portal_people, ground.area(), window)
    few: list[Answer] = []
    many: list[Answer] = []
    for _run in range(runs + 1):
        with small():
            few.append(keep(ask))
        many.append(keep(ask))
    if few[-1].people != many[-1].people:
        raise Disagreement(f"{ground.name}: the small tables hold another audience")
    # The first run of each fills the caches, and is not counted.
    small_s, large_s = (
        statistics.median(answer.seconds for answer in each[1:]) for each in (few, many)
    )
    return {
        "name": ground.name,
        "people": many[-1].people,
        "small_ms": round(1000 * small_s, 2),
        "large_ms": round(1000 * large_s, 2),
        "ratio": round(large_s / small_s, 3),
    }
