"""What the database itself knows: how far it stands in the journal, and which database it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connections, router

from audit.journal.models import JournalEntry, JournalHead

# Any constant will do, as long as nothing else in this database locks by it.
_LOCK = 0x6D696369635F6A6F
_LOOK = """
SELECT head.position, head.digest, head.database,
       (SELECT min(at) FROM {entries}),
       (SELECT count(*) FROM {entries} WHERE id = ANY(%s::uuid[]))
FROM (SELECT 1) AS one LEFT JOIN {heads} AS head ON head.id = %s
"""
# The cluster, the database in it, and the table: pg_restore makes a table anew, even in its place.
_IDENTITY = """
SELECT pg_database.oid::text, '{heads}'::regclass::oid::text,
       has_function_privilege('pg_control_system()', 'EXECUTE')
FROM pg_database WHERE datname = current_database()
"""


@dataclass(frozen=True, slots=True)
class Stand:
    """One look, in one snapshot. `position` is None where no journal was begun."""

    position: int | None
    digest: bytes
    database: str
    waiting_since: dt.datetime | None
    known: int  # How many of the ids asked about wait here.


def look(ids: Iterable[UUID] = ()) -> Stand:
    statement = _LOOK.format(entries=JournalEntry._meta.db_table, heads=JournalHead._meta.db_table)
    with connections[router.db_for_write(JournalHead)].cursor() as cursor:
        cursor.execute(statement, [list(ids), JournalHead.ONLY])
        position, digest, database, waiting_since, known = cursor.fetchone()
    return Stand(position, bytes(digest or b""), database or "", waiting_since, known)


def identity() -> str:
    """This database among all: cluster, database and table, parted by slashes.

    The cluster's part is empty where the role may not read it.
    """
    with connections[router.db_for_write(JournalHead)].cursor() as cursor:
        cursor.execute(_IDENTITY.format(heads=JournalHead._meta.db_table))
        database, table, may_ask = cursor.fetchone()
        cluster = ""
        if may_ask:
            cursor.execute("SELECT system_identifier::text FROM pg_control_system()")
            (cluster,) = cursor.fetchone()
    return f"{cluster}/{database}/{table}"


def is_same(first: str, second: str) -> bool:
    """Whether two identities are of one database; a part that could not be read says nothing."""
    ones, others = first.split("/"), second.split("/")
    if len(ones) != len(others):
        return False
    return all(
        one == other or not one or not other for one, other in zip(ones, others, strict=True)
    )


def take_turn(*, wait: bool) -> bool:
    """Take the shippers' lock until the transaction ends. False when another holds it."""
    with connections[router.db_for_write(JournalHead)].cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])
