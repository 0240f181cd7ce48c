# ruff: noqa: S608  Names of our own tables and columns; every value is a parameter.
"""Seals under the newest key what older ones seal, while the portal serves and people save.

A batch is read and sealed without a lock, then written by one statement that changes a value only
where it still is what was read: what somebody saved meanwhile is newer, and stays. Rows that
somebody holds are passed over instead of waited for, and come with the next round; so two runs at
once share the work. Nothing is remembered between batches: what is left is what is old.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connections

from privacy.fields import SealedMixin
from privacy.keyring import key_ring
from privacy.sealed_tables import SealedTable, count_old, is_old, newest_header
from privacy.sealing import CannotOpen, Sealed, seal, unseal

BATCH = 500
# A round that finds only rows that others hold waits this long (seconds) before the next.
_PAUSE = 0.5
_ROUNDS_IN_VAIN = 240


class RowsHeld(Exception):
    """Rows stayed locked by others for minutes. Nothing is lost: run it again."""


@dataclass(slots=True)
class Resealed:
    """What was done to one table. `broken` maps a row's key to the field that does not open;
    `left` counts the rows of the last round that still hold a value nobody could open."""

    values: int = 0
    batches: int = 0
    left: int = 0
    broken: dict[Any, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Row:
    pk: Any
    owners: dict[str, Any]
    held: list[bytes | None]  # One for each sealed column; None where it is not old.


def reseal_table(
    table: SealedTable,
    *,
    progress: Callable[[int], None] = lambda rows: None,
    using: str = "default",
    batch: int = BATCH,
) -> Resealed:
    """Bring every value of a table under the newest key, round by round until none is left.

    `progress` is told how many values each batch changed. What does not open is left as it is:
    told where it was altered, and passed over where its key is not in the ring. Raises RowsHeld.
    """
    done = Resealed()
    in_vain = 0
    while True:
        before = done.values
        done.broken.clear()  # Somebody may have saved over one since.
        done.left = 0
        for rows in _old_rows(table, batch, using):
            changed = _reseal_rows(table, rows, done, using)
            done.values += changed
            done.batches += 1
            progress(changed)
        if count_old(table, using=using) <= done.left:
            return done
        in_vain = 0 if done.values > before else in_vain + 1
        if in_vain >= _ROUNDS_IN_VAIN:
            raise RowsHeld(f"Rows of {table.name} are held by somebody else's transaction.")
        if in_vain:
            time.sleep(_PAUSE)


def _old_rows(table: SealedTable, batch: int, using: str) -> Iterator[list[_Row]]:
    """Rows with an old value, page by page in the order of their keys."""
    header = newest_header()
    test: list[Any] = [len(header), header]
    names = [table.pk, *table.owners]
    read = [f't."{name}"' for name in names]
    read += [f'CASE WHEN {is_old(column)} THEN t."{column}" END' for column in table.columns]
    old = " OR ".join(is_old(column) for column in table.columns)
    tests = test * len(table.columns)
    last: Any = None
    while True:
        after = "" if last is None else f'AND t."{table.pk}" > %s'
        with connections[using].cursor() as cursor:
            cursor.execute(
                f"SELECT {', '.join(read)} "
                f'FROM "{table.name}" AS t WHERE ({old}) {after} '
                f'ORDER BY t."{table.pk}" LIMIT %s',
                [*tests, *tests, *([] if last is None else [last]), batch],
            )
            found = cursor.fetchall()
        if not found:
            return
        last = found[-1][0]
        yield [
            _Row(
                row[0],
                dict(zip(names[1:], row[1 : len(names)], strict=True)),
                [None if value is None else bytes(value) for value in row[len(names) :]],
            )
            for row in found
        ]


def _reseal_rows(table: SealedTable, rows: list[_Row], done: Resealed, using: str) -> int:
    """Seal anew and write; returns how many values changed."""
    changes: list[tuple[Any, list[bytes | None], list[bytes | None]]] = []
    for row in rows:
        sealed = [_seal_anew(table, row, number, done) for number in range(len(row.held))]
        done.left += any(
            old is not None and new is None for old, new in zip(row.held, sealed, strict=True)
        )
        if any(value is not None for value in sealed):
            former = [old if new else None for old, new in zip(row.held, sealed, strict=True)]
            changes.append((row.pk, former, sealed))
    if not changes:
        return 0
    numbers = range(len(table.columns))
    given = ["pk", *(f"old{i}" for i in numbers), *(f"new{i}" for i in numbers)]
    parameters: list[Any] = [[pk for pk, _old, _new in changes]]
    parameters += [[old[i] for _pk, old, _new in changes] for i in numbers]
    parameters += [[new[i] for _pk, _old, new in changes] for i in numbers]
    casts = ["%s::uuid[]"] + ["%s::bytea[]"] * (2 * len(numbers))
    sets = ", ".join(
        f'"{column}" = CASE WHEN t."{column}" = v.old{i} THEN v.new{i} ELSE t."{column}" END'
        for i, column in enumerate(table.columns)
    )
    same = " OR ".join(f't."{column}" = v.old{i}' for i, column in enumerate(table.columns))
    kept = " + ".join(
        f'(t."{column}" IS NOT DISTINCT FROM v.new{i} AND v.new{i} IS NOT NULL)::int'
        for i, column in enumerate(table.columns)
    )
    statement = (
        # Locked in one order, so that two runs at once never wait for one another in a circle.
        f'WITH held AS MATERIALIZED (SELECT "{table.pk}" AS pk FROM "{table.name}" '
        f'WHERE "{table.pk}" = ANY(%s::uuid[]) ORDER BY "{table.pk}" '
        "FOR NO KEY UPDATE SKIP LOCKED) "
        f'UPDATE "{table.name}" AS t SET {sets} '
        f"FROM unnest({', '.join(casts)}) AS v({', '.join(given)}) JOIN held USING (pk) "
        f'WHERE t."{table.pk}" = v.pk AND ({same}) RETURNING {kept}'
    )
    with connections[using].cursor() as cursor:
        cursor.execute(statement, [parameters[0], *parameters])
        return sum(row[0] for row in cursor.fetchall())


def _seal_anew(table: SealedTable, row: _Row, number: int, done: Resealed) -> bytes | None:
    raw = row.held[number]
    if raw is None:
        return None
    column: SealedMixin = table.fields[number]
    key_id = Sealed(raw).key_id
    if key_id and key_id not in key_ring().key_ids:
        return None
    owner = None
    if column.owner:
        of: dict[str, Any] = {f.attname: f.column for f in table.model._meta.concrete_fields}
        owner = row.owners[of[column.owner]]
    binding: Any = column.binding(row.pk, owner)
    try:
        # Without the field's own decoding: the same JSON goes in that came out.
        return seal(unseal(Sealed(raw), **binding), **binding).raw
    except CannotOpen:
        done.broken[row.pk] = column.name
        return None
