"""Fills the register with synthetic stays on real cities, as many in each as its inhabitants say.

Sealed columns hold arbitrary bytes, since nothing here opens them. Drawn from a fixed seed.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt
import shapely
from django.db import connection, models
from django.utils import timezone
from tqdm import tqdm

from geography.areas import Area
from geography.cells import RESOLUTION
from geography.sphere import MEAN_RADIUS_M
from registrations.enums import Precision
from registrations.models import Consent, ContactPoint, Person, Stay

# How exactly stays are known: most by a pin, many by their town, a few by less.
PRECISIONS = {Precision.PIN: 0.60, Precision.PLACE: 0.34, Precision.REGION: 0.04,
              Precision.COUNTRY: 0.02}  # fmt: skip
OPEN_ENDED = 0.30
SECOND_STAGE = 0.15  # of people, who have two stays
Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

_BATCH = 100_000
_SEED = 20_110_311

# One line for each stay: what SQL cannot work out, above all the cell of a pin.
_DRAWN = """
DROP TABLE IF EXISTS drawn, drawn_person;
CREATE UNLOGGED TABLE drawn (
    number integer, person integer, place_id integer, precision text, latitude float8,
    longitude float8, cell bigint, starts integer, days integer, chance float4, odds float4,
    stay uuid DEFAULT gen_random_uuid())
"""
_COLUMNS = (
    "number, person, place_id, precision, latitude, longitude, cell, starts, days, chance, odds"
)
_DRAWN_PEOPLE = """
CREATE UNLOGGED TABLE drawn_person AS
SELECT number, gen_random_uuid() AS id, random() AS chance, random() AS odds
FROM generate_series(0, (SELECT max(person) FROM drawn)) AS number
"""
# Those who were only reported by others never agreed; a few took their consent back.
_REPORTED, _WITHDREW = 0.03, 0.06


@dataclass(frozen=True, slots=True)
class Towns:
    """The places as arrays, by country and region, the largest first in each."""

    ids: Whole
    cells: Whole
    latitudes: Floats
    longitudes: Floats
    radii_m: Floats
    inhabitants: Floats

    @classmethod
    def load(cls) -> Towns:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, cell, latitude, longitude, radius_m, population FROM geography_place "
                "ORDER BY country, admin1, population DESC, id"
            )
            ids, cells, *others = zip(*cursor.fetchall(), strict=True)
        return cls(np.array(ids), np.array(cells), *(np.array(each, float) for each in others))

    def gathered(self, near: Area, share: float) -> Floats:
        """Inhabitants, those in an area made more until they are that share of all."""
        there = shapely.intersects_xy(near.geometry, self.longitudes, self.latitudes)
        inside, outside = self.inhabitants[there].sum(), self.inhabitants[~there].sum()
        times = share / (1 - share) * outside / inside
        return np.where(there, self.inhabitants * times, self.inhabitants)


def fill(stays: int, *, near: Area | None = None, share: float = 0) -> dict[str, int]:
    """Fill empty tables; return the number of rows in each. Shows progress.

    That share of the stays is in the towns whose centre lies in `near`, however few live there.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DRAWN)
    towns = Towns.load()
    _draw(stays, towns, towns.inhabitants if near is None else towns.gathered(near, share))
    with connection.cursor() as cursor:
        cursor.execute(_DRAWN_PEOPLE)
        cursor.execute("ALTER TABLE drawn_person ADD PRIMARY KEY (number)")
        cursor.execute("ANALYZE drawn, drawn_person")
    counts = {}
    for model, source, columns in _rows():
        counts[model._meta.db_table] = _insert(model, source, columns)
    vacuum(*counts)
    return counts


def vacuum(*tables: str) -> None:
    """So that index-only scans, and the planner, know the tables as they are."""
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {', '.join(tables)}")


def _draw(stays: int, towns: Towns, inhabitants: Floats) -> None:
    chances = np.random.default_rng(_SEED)
    weights = np.cumsum(inhabitants)
    first_of_person = 0
    with tqdm(total=stays, desc="stays drawn", unit=" stays", mininterval=0.5) as progress:
        for start in range(0, stays, _BATCH):
            count = min(_BATCH, stays - start)
            lines, people = _batch(chances, towns, weights, start, count, first_of_person)
            first_of_person += people
            with connection.cursor() as cursor:
                cursor.copy_expert(f"COPY drawn ({_COLUMNS}) FROM STDIN", io.StringIO(lines))
            progress.update(count)


def _batch(
    chances: np.random.Generator,
    towns: Towns,
    weights: Floats,
    start: int,
    count: int,
    first_person: int,
) -> tuple[str, int]:
    """Lines for COPY, and how many people they are about."""
    second = np.zeros(count, dtype=bool)
    second[1:] = chances.random(count - 1) < SECOND_STAGE / (1 + SECOND_STAGE)
    second[1:] &= ~second[:-1]
    person = first_person + np.cumsum(~second) - 1
    at = np.searchsorted(weights, chances.random(count) * weights[-1], side="right")
    # Half of all second stages lead to another town of the region, the others anywhere.
    onward = np.flatnonzero(second & (chances.random(count) < 0.5))
    at[onward] = np.minimum(at[onward - 1] + chances.integers(1, 6, onward.size), len(weights) - 1)
    precision = chances.choice(len(PRECISIONS), count, p=list(PRECISIONS.values()))
    latitude, longitude = _around(chances, towns, at)
    open_ended = chances.random(count) < OPEN_ENDED
    starts = np.where(
        open_ended, -chances.integers(0, 1500, count), chances.integers(-45, 120, count)
    )
    days = np.where(open_ended, -1, chances.integers(2, 31, count))
    # A second stage begins on the day that the first one ends; nobody lives in two places.
    later = np.flatnonzero(second)
    days[later - 1] = np.where(days[later - 1] < 0, 14, days[later - 1])
    starts[later] = starts[later - 1] + days[later - 1]
    words = [precision.value for precision in PRECISIONS]
    lines = []
    rows = zip(
        person.tolist(), at.tolist(), precision.tolist(), latitude.tolist(), longitude.tolist(),
        starts.tolist(), days.tolist(), chances.random(count).tolist(),
        chances.random(count).tolist(), strict=True,
    )  # fmt: skip
    for number, (who, town, kind, lat, lon, begin, length, chance, odds) in enumerate(rows, start):
        if words[kind] == Precision.PIN:
            point = f"{lat:.6f}\t{lon:.6f}"
            cell = str(h3.latlng_to_cell(round(lat, 6), round(lon, 6), RESOLUTION))
        else:
            point = "\\N\t\\N"
            cell = str(towns.cells[town]) if words[kind] == Precision.PLACE else r"\N"
        # A pin's stay names no town, but lies in the country and region of this one.
        lines.append(
            f"{number}\t{who}\t{towns.ids[town]}\t{words[kind]}\t{point}\t{cell}\t{begin}\t{length}"
            f"\t{chance:.4f}\t{odds:.4f}\n"
        )
    return "".join(lines), int((~second).sum())


def _around(chances: np.random.Generator, towns: Towns, at: Whole) -> tuple[Floats, Floats]:
    """A point in the disc of each town, as likely near its centre as towns are dense there."""
    distance = towns.radii_m[at] * chances.random(len(at)) * 0.98
    bearing = chances.random(len(at)) * 2 * np.pi
    latitude = towns.latitudes[at] + np.degrees(distance * np.cos(bearing) / MEAN_RADIUS_M)
    latitude = np.clip(latitude, -89.9, 89.9)
    across = MEAN_RADIUS_M * np.cos(np.radians(latitude))
    longitude = towns.longitudes[at] + np.degrees(distance * np.sin(bearing) / across)
    return latitude, (longitude + 180) % 360 - 180


Columns = dict[str, str]


def _rows() -> list[tuple[type[models.Model], str, Columns]]:
    """What goes into each table: its model, a FROM clause, and an SQL expression by column."""
    agreed = timezone.localdate()
    today = f"date '{agreed:%Y-%m-%d}'"
    proved = f"chance >= {_REPORTED}"
    languages = "(ARRAY['es','en','fr','ar'])[1 + (odds * 3.99)::int % 4]"
    people: Columns = {
        "id": "id",
        "name": r"'\x00'::bytea",
        "language": languages,
        "source": f"CASE WHEN {proved} THEN 'self' ELSE 'group' END",
    }
    consents: Columns = {
        "id": "gen_random_uuid()",
        "person_id": "id",
        "purpose": "'crisis_contact'",
        "text_version": "'1'",
        "language": languages,
        "withdrawn_at": f"CASE WHEN chance < {_WITHDREW} THEN now() END",
    }
    point: Columns = {
        "id": "gen_random_uuid()",
        "person_id": "id",
        "address": r"'\x00'::bytea",
        "verified_at": f"CASE WHEN {proved} THEN now() END",
    }
    mail = point | {
        "channel": "'mail'",
        "address_index": "sha256(uuid_send(id))",
    }
    telephone = point | {
        "channel": "'sms'",
        # A family's one telephone: every twentieth number is another person's too.
        "address_index": "sha256((CASE WHEN number % 20 = 0 THEN number + 1 ELSE number END)"
        "::text::bytea)",
    }
    starts = f"{today} + starts"
    stays: Columns = {
        "id": "drawn.stay",
        "person_id": "someone.id",
        "kind": "CASE WHEN days < 0 THEN 'residence' ELSE 'trip' END",
        "precision": "precision",
        "place_id": "CASE WHEN precision = 'place' THEN drawn.place_id END",
        "cell": "drawn.cell",
        "country": "place.country",
        "admin1": "CASE WHEN precision = 'country' THEN '' ELSE place.admin1 END",
        "time_zone": "place.time_zone",
        "starts_on": starts,
        "ends_on": f"CASE WHEN days < 0 THEN date '9999-12-31' ELSE {starts} + days END",
        # One in eight has not been confirmed for over a year.
        "confirmed_at": "now() - make_interval(days => (drawn.chance * 400)::int)",
        # As the consents above say: their triggers are off while rows go in.
        "contact_agreed": f"someone.chance >= {max(_REPORTED, _WITHDREW)}",
    }
    everyone = "drawn_person"
    located = (
        "drawn JOIN drawn_person AS someone ON someone.number = drawn.person "
        "JOIN geography_place AS place ON place.id = drawn.place_id"
    )
    return [
        (Person, everyone, people),
        (Consent, f"{everyone} WHERE {proved}", consents),
        (ContactPoint, f"{everyone} WHERE odds < 0.92", mail),
        (ContactPoint, f"{everyone} WHERE odds > 0.60", telephone),
        (Stay, located, stays),
    ]


def _insert(model: type[models.Model], source: str, columns: Columns) -> int:
    """Insert what the source gives; every column that is not named takes its field's default."""
    table = model._meta.db_table
    values: Columns = {
        str(field.column): _default(field) for field in model._meta.local_concrete_fields
    }
    named = values | columns
    statement = (
        f"INSERT INTO {table} ({', '.join(named)}) SELECT {', '.join(named.values())} FROM {source}"
    )
    with (
        tqdm(desc=f"rows of {table}", unit=" rows") as progress,
        without_indexes(table),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
        progress.update(cursor.rowcount)
        cursor.execute(f"SELECT count(*) FROM {table}")
        (count,) = cursor.fetchone()
    return int(count)


def _default(field: models.Field[Any, Any]) -> str:
    if field.null:
        return "NULL"
    if isinstance(field, models.DateTimeField):
        return "now()"
    value = field.get_default()
    if isinstance(value, bool | int):
        return str(value)
    return f"'{value if isinstance(value, str) else ''}'"


@contextmanager
def without_indexes(table: str) -> Iterator[None]:
    """A table without its indexes, while millions of rows go in; without its triggers as well, for
    a superuser, who alone may leave foreign keys unchecked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s "
            "AND schemaname = current_schema() AND indexname NOT IN "
            "(SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass)",
            [table, table],
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        (is_superuser,) = cursor.fetchone()
        if is_superuser:
            cursor.execute("SET session_replication_role = replica")
    yield
    with connection.cursor() as cursor:
        if is_superuser:
            cursor.execute("SET session_replication_role = origin")
        for _name, definition in indexes:
            cursor.execute(definition)
