"""Looks through every column of every table, whoever made it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import connections

from registrations.proof.needles import Needles

_TABLES = """
SELECT n.nspname, c.relname, a.attname, t.typname, t.typcategory
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_%%'
ORDER BY 1, 2, a.attnum
"""
# Numbers, dates and truths cannot hold an identifier, a digest or a name.
_CANNOT_HOLD = frozenset("NDBT")
_ONE_OF_TEXTS = (
    "EXISTS (SELECT 1 FROM unnest(%(texts)s::text[]) AS needle "
    "WHERE strpos({column}::text, needle) > 0)"
)
_CONDITIONS = {
    "uuid": "{column} = ANY(%(ids)s::uuid[])",
    "_uuid": "{column} && %(ids)s::uuid[]",
    "bytea": "EXISTS (SELECT 1 FROM unnest(%(bytes)s::bytea[]) AS needle "
    "WHERE position(needle IN {column}) > 0)",
}


@dataclass(frozen=True, slots=True)
class Found:
    """Where something stands: a column, or a file (`where`), and how often."""

    where: str
    column: str
    count: int

    def __str__(self) -> str:
        return f"{self.where} {self.column}: {self.count}"


@dataclass(frozen=True, slots=True)
class Table:
    """Columns that can hold something, by name; the value is the condition that finds it."""

    schema: str
    name: str
    columns: dict[str, str]

    @property
    def label(self) -> str:
        return self.name if self.schema == "public" else f"{self.schema}.{self.name}"


def tables(using: str) -> list[Table]:
    """Every table of every schema but the database's own."""
    quote = connections[using].ops.quote_name
    found: dict[tuple[str, str], Table] = {}
    with connections[using].cursor() as cursor:
        cursor.execute(_TABLES)
        for schema, name, column, kind, category in cursor.fetchall():
            table = found.setdefault((schema, name), Table(schema, name, {}))
            if category not in _CANNOT_HOLD:
                condition = _CONDITIONS.get(kind, _ONE_OF_TEXTS)
                table.columns[column] = condition.format(column=quote(column))
    return list(found.values())


def search_tables(
    needles: Needles, *, using: str, advance: Callable[[Table], object]
) -> Iterator[Found]:
    """Where anything of it stands. One pass over each table; `advance` is told of each."""
    given = {
        "ids": sorted(needles.identifiers),
        "texts": needles.texts,
        "bytes": needles.binaries,
    }
    for table in tables(using):
        yield from _search(table, given, using)
        advance(table)


def _search(table: Table, given: dict[str, Any], using: str) -> Iterator[Found]:
    if not table.columns:
        return
    quote = connections[using].ops.quote_name
    counts = ", ".join(
        f"count(*) FILTER (WHERE {condition})" for condition in table.columns.values()
    )
    with connections[using].cursor() as cursor:
        # Names from the catalogue, quoted; whatever is looked for is a parameter.
        cursor.execute(
            f"SELECT {counts} FROM {quote(table.schema)}.{quote(table.name)}",  # noqa: S608
            given,
        )
        row = cursor.fetchone()
    for column, count in zip(table.columns, row, strict=True):
        if count:
            yield Found(table.label, column, count)


def search_sessions(needles: Needles) -> Iterator[Found]:
    """A session's content is packed, so that no search of the column can see into it."""
    texts = needles.texts
    held = sum(
        any(text in str(session.get_decoded()) for text in texts)
        for session in Session.objects.order_by("pk").iterator()
    )
    if held:
        yield Found("django_session", "session_data (opened)", held)


def held_by_others(needles: Needles, *, gone: frozenset[UUID]) -> frozenset[bytes]:
    """Digests that stand in rows of people who are not erased, or of a group that they organise.

    A family shares a telephone, and a daughter lists her mother: what they say is theirs.
    """
    from registrations.models import ContactPoint, FamilyContact, Group, PersonKey

    digests = sorted(needles.digests)
    held: set[bytes] = set()
    for model, column in (
        (ContactPoint, "address_index"),
        (FamilyContact, "address_index"),
        (PersonKey, "index"),
    ):
        rows = model._default_manager.filter(**{f"{column}__in": digests}).exclude(person__in=gone)
        held |= {bytes(one) for one in rows.order_by().values_list(column, flat=True)}
    groups = Group.objects.filter(organiser_index__in=digests).order_by()
    return frozenset(
        held | {bytes(one) for one in groups.values_list("organiser_index", flat=True)}
    )
