"""Everything that the database holds, as whoever has copied it would read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import connection


def stored() -> Iterator[tuple[str, str]]:
    """Each row of each table, whoever made it: the table's name, and the row as text.

    Bytes stand in it as hexadecimal digits.
    """
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT held::text FROM {connection.ops.quote_name(table)} AS held")
            for (row,) in cursor.fetchall():
                yield table, row


def tables_that_say(words: Iterable[str | UUID]) -> dict[str, set[str]]:
    """In which tables each of these stands, in letters or in bytes; only those that do."""
    found: dict[str, set[str]] = {}
    forms = {str(word): _forms(word) for word in words}
    for table, row in stored():
        for word, written in forms.items():
            if any(form in row for form in written):
                found.setdefault(word, set()).add(table)
    return found


def _forms(word: str | UUID) -> tuple[str, ...]:
    if isinstance(word, UUID):
        return str(word), word.hex
    return word, word.encode().hex()
