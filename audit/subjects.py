"""Turns persons into ledger subjects: a digest under a salt of each person's own.

The digest is sha256(salt || sha256(salt || person id)), 32 random bytes and the id's 16 bytes:
HMAC's nesting with a key of fixed length, which PostgreSQL computes without any extension. A salt
is made by the database (two gen_random_uuid(), 244 random bits) when a person first appears.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connections, models, router

from audit.models import EntrySubject, SubjectSalt

_DIGEST_SQL = "sha256(salt || sha256(salt || uuid_send(person_id)))"
_NEW_SALT_SQL = "uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())"
_SALT_SQL = """
INSERT INTO {table} (person_id, salt) VALUES (%s, {new_salt}) ON CONFLICT DO NOTHING RETURNING salt
"""

# One statement, so that persons, salts and subjects come from one snapshot. A salt that another
# transaction made after that snapshot is in neither half of `salts`: those persons are returned.
# Salts are looked up one by one: a join would trust statistics, which a table that has just been
# filled does not have, and could compare everyone with everyone.
_WRITE_SQL = """
WITH people AS MATERIALIZED (
    SELECT DISTINCT q.person_id FROM ({people}) AS q(person_id) WHERE q.person_id IS NOT NULL
), known AS MATERIALIZED (
    SELECT p.person_id,
           (SELECT s.salt FROM {salt_table} AS s WHERE s.person_id = p.person_id) AS salt
    FROM people AS p
), made AS (
    INSERT INTO {salt_table} (person_id, salt)
    SELECT person_id, {new_salt} FROM known WHERE salt IS NULL ORDER BY person_id
    ON CONFLICT DO NOTHING RETURNING person_id, salt
), salts AS (
    SELECT person_id, salt FROM made
    UNION ALL SELECT person_id, salt FROM known WHERE salt IS NOT NULL
), written AS (
    INSERT INTO {subject_table} (entry_id, subject)
    SELECT %s::uuid, {digest} FROM salts RETURNING 1
), counted AS (
    SELECT (SELECT count(*) FROM written) AS done, (SELECT count(*) FROM people) AS wanted
)
SELECT done, CASE WHEN done < wanted
    THEN ARRAY(SELECT person_id FROM people EXCEPT SELECT person_id FROM salts) END
FROM counted
"""


def digest(salt: bytes, person_id: UUID) -> bytes:
    """The subject digest, exactly as the SQL computes it."""
    inner = hashlib.sha256(salt + person_id.bytes).digest()
    return hashlib.sha256(salt + inner).digest()


def salt_of(person_id: UUID) -> bytes | None:
    """A person's salt, or None where there is none or it was destroyed."""
    salt = SubjectSalt.objects.filter(pk=person_id).values_list("salt", flat=True).first()
    return None if salt is None else bytes(salt)


def ensure_salt(person_id: UUID) -> bytes:
    """A person's salt, made if need be."""
    found = salt_of(person_id)
    while found is None:
        statement = _SALT_SQL.format(table=SubjectSalt._meta.db_table, new_salt=_NEW_SALT_SQL)
        with connections[router.db_for_write(SubjectSalt)].cursor() as cursor:
            cursor.execute(statement, [person_id])
            made = cursor.fetchone()
        # None was made where another transaction was faster.
        found = bytes(made[0]) if made else salt_of(person_id)
    return found


def write_subjects(entry_id: UUID, people: Iterable[UUID]) -> int:
    """Tie these persons to an entry. Returns how many different persons they were."""
    unique = sorted(
        {person if isinstance(person, UUID) else UUID(str(person)) for person in people}
    )
    if not unique:
        return 0
    return _write(entry_id, "SELECT unnest(%s::uuid[])", [unique])


def write_subjects_of(entry_id: UUID, people: models.QuerySet[Any, Any]) -> int:
    """Tie the persons of a one-column query to an entry, inside the database."""
    using = router.db_for_write(EntrySubject)
    try:
        sql, params = people.order_by().query.get_compiler(using=using).as_sql()
    except EmptyResultSet:
        return 0
    return _write(entry_id, sql, params)


def _write(entry_id: UUID, people_sql: str, params: Sequence[Any]) -> int:
    statement = _WRITE_SQL.format(
        people=people_sql,
        salt_table=SubjectSalt._meta.db_table,
        subject_table=EntrySubject._meta.db_table,
        new_salt=_NEW_SALT_SQL,
        digest=_DIGEST_SQL,
    )
    with connections[router.db_for_write(EntrySubject)].cursor() as cursor:
        cursor.execute(statement, [*params, entry_id])
        count, late = cursor.fetchone()
    return int(count) + (_write(entry_id, "SELECT unnest(%s::uuid[])", [late]) if late else 0)
