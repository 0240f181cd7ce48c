"""Chains the ledger: each seal is a digest over a batch of entries and over the seal before it.

Entries wait in a queue written with them, so that one that commits late is sealed late and none is
skipped. Writers never wait: the sealers alone take turns, by a lock that ends with their
transaction (so that it works behind a pooler that shares connections between transactions).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from django.db import connections, router, transaction
from django.utils import timezone

from audit.models import Entry, EntrySubject, Seal, SealedEntry, UnsealedEntry

BATCH = 1000
GENESIS = bytes(32)
# Fixed, because old digests must still be found: a column added later joins the canonical form
# only where it holds a value.
COLUMNS = (
    "id",
    "at",
    "actor_kind",
    "actor_id",
    "actor_role",
    "actor_post",
    "action",
    "purpose",
    "object_type",
    "object_id",
    "details",
    "note",
)
_SUBJECTS_SQL = """
SELECT entry_id, count(*), encode(sha256(string_agg(subject, ''::bytea ORDER BY subject)), 'hex')
FROM {table} WHERE entry_id = ANY(%s::uuid[]) GROUP BY entry_id
"""
_FORMAT = b"micic portal ledger 1|"
# Any constant will do, as long as nothing else in this database locks by it.
_LOCK = 0x6D696369635F6C65


def entry_digests(entry_ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """The digest of each entry as it is stored, ciphertext and subjects included."""
    subjects = _subject_digests(entry_ids)
    rows = Entry.objects.filter(pk__in=entry_ids).values(*COLUMNS)
    return {row["id"]: _entry_digest(row, subjects.get(row["id"], (0, ""))) for row in rows}


def _entry_digest(row: dict[str, Any], subjects: tuple[int, str]) -> bytes:
    """Hash a canonical form: JSON, keys sorted, times in UTC, ciphertext and subjects in hex."""
    note = row["note"]
    canonical = row | {
        "id": str(row["id"]),
        "at": row["at"].astimezone(UTC).isoformat(timespec="microseconds"),
        "actor_post": None if row["actor_post"] is None else str(row["actor_post"]),
        "note": None if note is None else note.raw.hex(),
        "subjects": list(subjects),
    }
    text = json.dumps(canonical, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(_FORMAT + text.encode()).digest()


def _subject_digests(entry_ids: Sequence[UUID]) -> dict[UUID, tuple[int, str]]:
    """How many subjects each entry has, and one digest over all of them, made by the database."""
    statement = _SUBJECTS_SQL.format(table=EntrySubject._meta.db_table)
    with connections[router.db_for_read(EntrySubject)].cursor() as cursor:
        cursor.execute(statement, [list(entry_ids)])
        return {entry_id: (count, digest) for entry_id, count, digest in cursor.fetchall()}


def chain_digest(position: int, previous: bytes, members: dict[UUID, bytes]) -> bytes:
    """The digest of one seal: its place, the seal before it, its entries in order of their id."""
    chained = hashlib.sha256(_FORMAT + position.to_bytes(8, "big") + previous)
    for entry_id in sorted(members):
        chained.update(entry_id.bytes + members[entry_id])
    return chained.digest()


def wait_for_turn() -> None:
    """No seal is being made from here to the end of the transaction, but the caller's."""
    with connections[router.db_for_write(Seal)].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def seal_batch(limit: int = BATCH) -> int:
    """Seal up to `limit` waiting entries as one link. Returns how many."""
    using = router.db_for_write(Seal)
    with transaction.atomic(using=using):
        wait_for_turn()
        waiting = list(
            UnsealedEntry.objects.order_by("entry__at", "pk").values_list("pk", flat=True)[:limit]
        )
        if not waiting:
            return 0
        members = entry_digests(waiting)
        last = Seal.objects.order_by("-position").first()
        position = 1 if last is None else last.position + 1
        previous = GENESIS if last is None else bytes(last.digest)
        seal = Seal.objects.create(
            position=position,
            previous=previous,
            digest=chain_digest(position, previous, members),
            entries=len(members),
            sealed_at=timezone.now(),
        )
        SealedEntry.objects.bulk_create(
            SealedEntry(entry_id=entry_id, seal=seal, digest=digest)
            for entry_id, digest in members.items()
        )
        UnsealedEntry.objects.filter(pk__in=waiting).delete()
    return len(waiting)


def seal_waiting(limit: int = BATCH) -> int:
    """Seal everything that waits, batch by batch. Returns how many entries."""
    total = 0
    while sealed := seal_batch(limit):
        total += sealed
    return total
