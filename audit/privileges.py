"""What the role that serves the portal may do: everything but alter the ledger."""

from __future__ import annotations

from typing import Any

from django.db import connections, transaction

from audit.models import (
    Entry,
    EntrySubject,
    Head,
    NoteKey,
    Seal,
    SealedEntry,
    SubjectSalt,
    UnsealedEntry,
)

APPEND_ONLY = "SELECT, INSERT"
# Salts are destroyed at erasure; the sealer empties its queue.
APPEND_AND_REMOVE = "SELECT, INSERT, DELETE"
# The keys of notes are sealed anew when the field keys rotate.
APPEND_AND_RENEW = "SELECT, INSERT, UPDATE"
READ_ONLY = "SELECT"
ALL_ROWS = "SELECT, INSERT, UPDATE, DELETE"

_SPECIAL = {
    **{
        model._meta.db_table: APPEND_ONLY
        for model in (Entry, EntrySubject, Seal, SealedEntry, Head)
    },
    **{model._meta.db_table: APPEND_AND_REMOVE for model in (SubjectSalt, UnsealedEntry)},
    NoteKey._meta.db_table: APPEND_AND_RENEW,
    "django_migrations": READ_ONLY,
}


class UnfitRole(ValueError):
    """The role does not exist, or it could take back what is kept from it."""


def owner_alias() -> str:
    """The connection of the role that owns the tables."""
    return "owner" if "owner" in connections.settings else "default"


def grant_privileges(role: str, *, using: str) -> int:
    """Give a serving role exactly its privileges on every table there is. Returns how many tables.

    To be run again after each migration. Raises UnfitRole.
    """
    connection = connections[using]
    name = connection.ops.quote_name(role)
    with transaction.atomic(using=using), connection.cursor() as cursor:
        _check_role(cursor, role)
        cursor.execute("SELECT current_schema()")
        schema = connection.ops.quote_name(cursor.fetchone()[0])
        for kind in ("TABLES", "SEQUENCES"):
            cursor.execute(f"REVOKE ALL ON ALL {kind} IN SCHEMA {schema} FROM {name}")
        cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {name}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {name}")
        tables = connection.introspection.table_names(cursor)
        for table in tables:
            privileges = _SPECIAL.get(table, ALL_ROWS)
            quoted = connection.ops.quote_name(table)
            # A grant to everybody would reach the serving role as well.
            cursor.execute(f"REVOKE ALL ON {schema}.{quoted} FROM PUBLIC")
            cursor.execute(f"GRANT {privileges} ON {schema}.{quoted} TO {name}")
    return len(tables)


def _check_role(cursor: Any, role: str) -> None:
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [role])
    row = cursor.fetchone()
    if row is None:
        raise UnfitRole(f"There is no role {role!r}: create it first.")
    if row[0]:
        raise UnfitRole(f"{role!r} is a superuser, whom no privilege binds.")
    cursor.execute(
        "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() "
        "AND pg_has_role(%s, tableowner, 'MEMBER')",
        [role],
    )
    if cursor.fetchone()[0]:
        raise UnfitRole(f"{role!r} owns tables here, or may act as their owner.")
