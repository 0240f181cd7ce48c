"""Writes ledger entries, in the transaction of what they record, and reads them back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import models, router, transaction

from audit import notes
from audit import subjects as subject_table
from audit.actors import Actor, ActorKind
from audit.details import checked
from audit.models import Entry, NoteKey, SubjectSalt, UnsealedEntry
from audit.purposes import Purpose

_ACTION = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*")


def record(
    *,
    action: str,
    by: Actor | Any | None,
    purpose: Purpose | str,
    subjects: Iterable[UUID] | None = None,
    object_type: str = "",
    object_id: UUID | str = "",
    details: Mapping[str, Any] | None = None,
    note: str = "",
) -> Entry:
    """Record one act, named `noun.verb`, for a listed purpose, about these persons.

    `details` holds counts and codes. `note` is free text, sealed, about one person or none.
    """
    people = sorted({UUID(str(person)) for person in subjects or ()})
    if note and len(people) > 1:
        raise ValueError("A note is about one person or none: record an entry for each person.")
    if str(object_id) in map(str, people):
        # The subject stands for the person; the plain id would outlive the person's erasure.
        object_id = ""
    entry = _entry(action, by, purpose, object_type, object_id, details)
    with _together():
        if note:
            salt = subject_table.ensure_salt(people[0]) if people else None
            held = notes.wrap(note, entry_id=entry.pk, salt=salt)
            sealed, key = notes.seal_note(held, entry_id=entry.pk)
            entry.__dict__["note"] = sealed
        _save(entry)
        if note:
            NoteKey.objects.create(entry=entry, key=key)
        subject_table.write_subjects(entry.pk, people)
    return entry


def record_bulk(
    *,
    action: str,
    by: Actor | Any | None,
    purpose: Purpose | str,
    subject_query: models.QuerySet[Any, Any],
    object_type: str = "",
    object_id: UUID | str = "",
    details: Mapping[str, Any] | None = None,
) -> Entry:
    """Record one act on everyone whom a one-column query of person ids selects.

    The subjects are written by the database in one statement; no person passes through Python.
    """
    entry = _entry(action, by, purpose, object_type, object_id, details)
    with _together():
        _save(entry)
        subject_table.write_subjects_of(entry.pk, subject_query)
    return entry


def entries_about(*people: UUID) -> models.QuerySet[Entry]:
    """A person's own access log, newest first; of several identifiers where they are one person."""
    digests = [
        subject_table.digest(salt, person_id)
        for person_id in people
        if (salt := subject_table.salt_of(person_id)) is not None
    ]
    entries = Entry.objects.filter(subjects__subject__in=digests).order_by("-at", "pk")
    return entries.distinct() if len(digests) > 1 else entries


def read_note(entry: Entry, person_id: UUID | None = None) -> str:
    """The note's text, or "". Raises notes.NoteUnreadable once the person was forgotten."""
    held = entry.note
    salt = None if person_id is None else subject_table.salt_of(person_id)
    return "" if held is None else notes.unwrap(held, entry_id=entry.pk, salt=salt)


def forget(person_id: UUID) -> bool:
    """Destroy a person's salt: no entry can be tied to them again, and their notes are lost.

    Returns whether there was one.
    """
    deleted, _ = SubjectSalt.objects.filter(pk=person_id).delete()
    return deleted > 0


def _entry(
    action: str,
    by: Actor | Any | None,
    purpose: Purpose | str,
    object_type: str,
    object_id: UUID | str,
    details: Mapping[str, Any] | None,
) -> Entry:
    if not _ACTION.fullmatch(action):
        raise ValueError("An action is named noun.verb.")
    actor = Actor.coerce(by)
    actor_id = actor.id
    if actor.kind == ActorKind.TRAVELLER:
        person_id = UUID(actor.id)
        actor_id = subject_table.digest(subject_table.ensure_salt(person_id), person_id).hex()
    return Entry(
        actor_kind=actor.kind,
        actor_id=actor_id,
        actor_role=actor.role,
        actor_post=actor.post,
        action=action,
        purpose=Purpose(purpose),
        object_type=object_type,
        object_id=str(object_id),
        details=checked(details),
    )


def _together() -> transaction.Atomic:
    """The caller's transaction, or one of the entry's own for a reading that needs none.

    Without a savepoint: when the ledger cannot be written, what it records must not stay either.
    """
    return transaction.atomic(using=router.db_for_write(Entry), savepoint=False)


def _save(entry: Entry) -> None:
    entry.save(force_insert=True)
    UnsealedEntry.objects.create(entry=entry)
