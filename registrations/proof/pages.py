"""Looks through the files of every table and index, as they lie on the disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import Error, connections
from django.db.backends.utils import CursorWrapper

from registrations.proof.needles import Needles
from registrations.proof.tables import Found

_CHUNK = 8 * 1024 * 1024
_FILES = """
SELECT c.oid::regclass::text, c.relkind, pg_relation_filepath(c.oid),
    pg_relation_size(c.oid),
    coalesce(i.indrelid, t.oid, c.oid)::regclass::text
FROM pg_class c
LEFT JOIN pg_index i ON i.indexrelid = c.oid
LEFT JOIN pg_class t ON t.reltoastrelid = c.oid
WHERE pg_relation_filepath(c.oid) IS NOT NULL AND c.relisshared = false
    AND c.relkind IN ('r', 'i', 't', 'm', 'S')
ORDER BY 1
"""
_STATISTICS = "pg_statistic"
_SAMPLED = """
SELECT DISTINCT n.nspname, c.relname, a.attname
FROM pg_statistic s
JOIN pg_class c ON c.oid = s.starelid AND c.relkind = 'r'
JOIN pg_namespace n ON n.oid = c.relnamespace
    AND n.nspname NOT IN ('pg_catalog', 'information_schema')
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = s.staattnum
ORDER BY 1, 2, 3
"""
_IS_EMPTY = "SELECT NOT EXISTS (SELECT 1 FROM {})"
_DELETE_SAMPLES = """
DELETE FROM pg_statistic s USING pg_attribute a
WHERE s.starelid = %s::regclass AND a.attrelid = s.starelid AND a.attnum = s.staattnum
    AND a.attname = %s
"""
# A table is split into files of this size.
_SEGMENT = 1024**3


@dataclass(frozen=True, slots=True)
class File:
    """One table or index: where it lies, its size in bytes, and the table that it belongs to."""

    relation: str
    is_index: bool
    path: str
    size: int
    table: str


class Unreadable(Exception):
    """The role may not read the files; the message says what it lacks."""


def sweep(using: str) -> list[str]:
    """Drop what is deleted from the pages and the statistics, and write all to the disk.

    Returns what was not allowed, in words.
    """
    refused = []
    with connections[using].cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        try:
            cursor.execute("CHECKPOINT")
        except Error:
            refused.append("This role may not CHECKPOINT: the files may lag behind the tables.")
    return refused


def write_anew(using: str, tables: Iterable[str]) -> None:
    """Write these tables and their indexes anew, without the bytes of deleted rows.

    Each is locked meanwhile. The statistics come last: they hold samples of the values, and those
    of a table that has become empty would stay for ever.
    """
    with connections[using].cursor() as cursor:
        for table in sorted(set(tables) - {_STATISTICS}):
            cursor.execute(f"VACUUM (FULL, ANALYZE) {table}")
        cursor.execute(_SAMPLED)
        for schema, table, column in cursor.fetchall():
            cursor.execute(_IS_EMPTY.format(f'"{schema}"."{table}"'))
            if cursor.fetchone()[0]:
                _forget_samples(cursor, schema, table, column)
        cursor.execute(f"VACUUM FULL {_STATISTICS}")
        cursor.execute("CHECKPOINT")


def _forget_samples(cursor: CursorWrapper, schema: str, table: str, column: str) -> None:
    if cursor.connection.info.server_version >= 180000:
        cursor.execute(
            "SELECT pg_clear_attribute_stats(%s, %s, %s, false)", [schema, table, column]
        )
        return
    cursor.execute("SET allow_system_table_mods = on")
    try:
        cursor.execute(_DELETE_SAMPLES, [f'"{schema}"."{table}"', column])
    finally:
        cursor.execute("RESET allow_system_table_mods")


def files(using: str) -> list[File]:
    """Every table, index and large value's table of this database, its own catalogues included."""
    with connections[using].cursor() as cursor:
        cursor.execute(_FILES)
        return [
            File(relation, kind == "i", path, size, table)
            for relation, kind, path, size, table in cursor.fetchall()
        ]


def search_files(
    needles: Needles, *, using: str, found: list[File], advance: Callable[[int], object]
) -> tuple[list[Found], set[str]]:
    """What the files hold, and the tables that would have to be written anew. Raises Unreadable."""
    pattern = needles.pattern
    overlap = max((len(one) for one in needles.binaries), default=1) - 1
    counts: Counter[str] = Counter()
    dirty: set[str] = set()
    for file in found:
        tail = b""
        for start in range(0, file.size, _CHUNK):
            chunk = _read(file, start, using)
            number = sum(1 for _match in pattern.finditer(tail + chunk))
            if number:
                counts[f"{'index' if file.is_index else 'table'} {file.relation}"] += number
                dirty.add(file.table)
            tail = chunk[-overlap:] if overlap else b""
            advance(len(chunk))
    return [Found(where, "(file)", number) for where, number in sorted(counts.items())], dirty


def _read(file: File, start: int, using: str) -> bytes:
    segment, offset = divmod(start, _SEGMENT)
    path = f"{file.path}.{segment}" if segment else file.path
    try:
        with connections[using].cursor() as cursor:
            # A table that shrank or went meanwhile has nothing there.
            cursor.execute(
                "SELECT coalesce(pg_read_binary_file(%s, %s, %s, true), '')",
                [path, offset, _CHUNK],
            )
            return bytes(cursor.fetchone()[0])
    except Error as error:
        raise Unreadable(
            "This role may not read the database's files (pg_read_binary_file)."
        ) from error
