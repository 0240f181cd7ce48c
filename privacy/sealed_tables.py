# ruff: noqa: S608  Names of our own tables and columns; every value is a parameter.
"""Which tables hold sealed values, under which keys they stand, and which values do not open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connections, models

from privacy.fields import SealedMixin
from privacy.keyring import key_ring
from privacy.sealing import FORMAT, Sealed

# The id that stands for a header that makes no sense.
UNREADABLE = ""


@dataclass(frozen=True, slots=True)
class SealedTable:
    """One model's table with its sealed columns."""

    model: type[models.Model]
    fields: tuple[Any, ...]

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @property
    def pk(self) -> str:
        return str(self.model._meta.pk.column)

    @property
    def columns(self) -> list[str]:
        return [field.column for field in self.fields]

    @property
    def owners(self) -> list[str]:
        """The owner columns that the fields are bound to, each once."""
        of: dict[str, Any] = {
            field.attname: field.column for field in self.model._meta.concrete_fields
        }
        return list(dict.fromkeys(of[field.owner] for field in self.fields if field.owner))


def sealed_tables(*, append_only: bool = False) -> Iterator[SealedTable]:
    """Every table with sealed columns; those that are never updated only where asked for."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not model._meta.managed:
            continue
        if getattr(model, "is_append_only", False) != append_only:
            continue
        fields = tuple(f for f in model._meta.local_concrete_fields if isinstance(f, SealedMixin))
        if fields:
            yield SealedTable(model, fields)


def newest_header() -> bytes:
    """What every value begins with that the newest key sealed."""
    key_id = key_ring().newest.encode("ascii")
    return bytes((FORMAT, len(key_id))) + key_id


def is_old(column: str) -> str:
    """SQL that is true of a value which another key than the newest sealed; takes its header."""
    return f'(t."{column}" IS NOT NULL AND substring(t."{column}" for %s) <> %s)'


def count_old(table: SealedTable, *, using: str = "default") -> int:
    """How many rows hold a value that another key than the newest sealed."""
    header = newest_header()
    old = " OR ".join(is_old(column) for column in table.columns)
    with connections[using].cursor() as cursor:
        cursor.execute(
            f'SELECT count(*) FROM "{table.name}" AS t WHERE {old}',
            [len(header), header] * len(table.columns),
        )
        return int(cursor.fetchone()[0])


def keys_in_use(table: SealedTable, field: Any, *, using: str = "default") -> Counter[str]:
    """How many values of one column stand under each key id; UNREADABLE where none can be read."""
    column = f'"{field.column}"'
    # A header that was altered may claim any length: it is cut to the longest that there can be.
    header = f"substring({column} for least(2 + get_byte({column}, 1), 34))"
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"SELECT CASE WHEN length({column}) > 1 THEN {header} ELSE ''::bytea END, count(*) "
            f'FROM "{table.name}" WHERE {column} IS NOT NULL GROUP BY 1'
        )
        found: Counter[str] = Counter()
        for raw, number in cursor.fetchall():
            # A body of the least length, so that the header alone decides.
            found[Sealed(bytes(raw) + bytes(28)).key_id] += number
    return found


def rows_under(
    table: SealedTable, field: Any, key_id: str, *, limit: int | None, using: str = "default"
) -> Iterator[Any]:
    """The primary keys of rows whose value stands under that key id, in order."""
    column = f'"{field.column}"'
    header = bytes((FORMAT, len(key_id))) + key_id.encode("ascii")
    parameters: list[Any]
    where, parameters = f"substring({column} for %s) = %s", [len(header), header]
    if key_id == UNREADABLE:
        # Few, and only found by looking: whatever has no header of a known length and format.
        where = f"NOT (length({column}) > 30 AND get_byte({column}, 0) = %s)"
        where += f" OR get_byte({column}, 1) = 0"
        parameters = [FORMAT]
    last: Any = None
    while limit is None or limit > 0:
        after = "" if last is None else f'AND "{table.pk}" > %s'
        with connections[using].cursor() as cursor:
            cursor.execute(
                f'SELECT "{table.pk}" FROM "{table.name}" WHERE {column} IS NOT NULL '
                f'AND ({where}) {after} ORDER BY "{table.pk}" LIMIT 1000',
                [*parameters, *([] if last is None else [last])],
            )
            page = [row[0] for row in cursor.fetchall()]
        if not page:
            return
        for pk in page:
            if limit is not None:
                if limit == 0:
                    return
                limit -= 1
            yield pk
        last = page[-1]
