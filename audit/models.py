"""The ledger's rows. They are inserted, never changed; only salts can be destroyed.

Actor and subject are identifiers, not foreign keys: the ledger outlives what it speaks of.
"""

from __future__ import annotations

import uuid
from typing import Any, NoReturn

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.actors import ActorKind
from audit.journal.models import JournalEntry, JournalHead
from audit.notes import NoteField
from audit.purposes import Purpose
from privacy.declarations import declare
from privacy.fields import SealedTextField
from privacy.processing import DataSubject, LegalBasis

__all__ = [
    "AppendOnly",
    "Entry",
    "EntrySubject",
    "Head",
    "JournalEntry",
    "JournalHead",
    "LedgerIsAppendOnly",
    "Seal",
    "SealedEntry",
    "SubjectSalt",
    "UnsealedEntry",
]


_LEDGER = _(
    "Let each person see who looked at their record and why, and show that nobody altered it"
)


class LedgerIsAppendOnly(TypeError):
    """Something tried to change or delete what the ledger holds."""


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Says in Python what the serving role's missing privileges say in the database."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise LedgerIsAppendOnly(f"{self.model._meta.label} is never updated.")

    def delete(self) -> NoReturn:
        raise LedgerIsAppendOnly(f"{self.model._meta.label} is never deleted.")


class AppendOnly(models.Model):
    # Rotation of the keys leaves its sealed values alone: see audit.notes.
    is_append_only = True

    objects = models.Manager.from_queryset(AppendOnlyQuerySet)()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise LedgerIsAppendOnly(f"{self._meta.label} is never updated.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise LedgerIsAppendOnly(f"{self._meta.label} is never deleted.")


class Entry(AppendOnly):
    """One meaningful reading or writing, committed with what it records."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(_("at"), default=timezone.now)
    actor_kind = models.CharField(_("kind of actor"), max_length=16, choices=ActorKind)
    actor_id = models.CharField(_("actor"), max_length=64, blank=True)
    actor_role = models.CharField(_("role"), max_length=32, blank=True)
    actor_post = models.UUIDField(_("post"), null=True, blank=True)
    action = models.CharField(_("action"), max_length=64)
    purpose = models.CharField(_("purpose"), max_length=32, choices=Purpose)
    object_type = models.CharField(_("kind of object"), max_length=64, blank=True)
    object_id = models.CharField(_("object"), max_length=64, blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True)
    # Holds what audit.notes made of the text under the subject's salt and a key of its own.
    note = NoteField(_("note"), seal="audit.entry.note", null=True, blank=True)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        indexes = [
            models.Index(fields=["at"], name="audit_entry_at"),
            models.Index(fields=["object_type", "object_id"], name="audit_entry_object"),
            models.Index(fields=["actor_kind", "actor_id", "at"], name="audit_entry_actor"),
            # An auditor's searches: without them, a rare act is looked for in every entry.
            models.Index(fields=["action", "at"], name="audit_entry_action"),
            models.Index(fields=["actor_post", "at"], name="audit_entry_post"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.action}"


declare(
    Entry,
    purpose=_LEDGER,
    retention=_("Kept: an account that can be shortened proves nothing."),
    about={DataSubject.STAFF},
    basis=LegalBasis.LEGAL_OBLIGATION,
    sealed={
        "note": _("The reason in words; nobody can read it any more once the person is erased")
    },
    plain={
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
    },
)


class NoteKey(models.Model):
    """The key of one entry's note, sealed. The note stands in the chain for good; its key moves
    from one field key to the next."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="note_key")
    key = SealedTextField(_("key"), seal="audit.notekey.key", owner="entry_id")

    class Meta:
        verbose_name = _("key of a note")
        verbose_name_plural = _("keys of notes")

    def __str__(self) -> str:
        return str(self.entry_id)


declare(
    NoteKey,
    purpose=_LEDGER,
    retention=_("As long as the note that it opens."),
    about={DataSubject.STAFF},
    basis=LegalBasis.LEGAL_OBLIGATION,
    sealed={"key"},
    plain={"id", "entry"},
)


class EntrySubject(AppendOnly):
    """A person whom an entry concerns, as a digest under that person's salt."""

    pk = models.CompositePrimaryKey("entry_id", "subject")
    # No check by the database: it would ask once for each of a hundred thousand subjects after the
    # bulk insert, for an entry that the same transaction wrote and that nothing can delete.
    entry = models.ForeignKey(
        Entry, models.PROTECT, related_name="subjects", db_index=False, db_constraint=False
    )
    subject = models.BinaryField(_("subject"), max_length=32)

    class Meta:
        verbose_name = _("subject of an entry")
        verbose_name_plural = _("subjects of entries")
        indexes = [models.Index(fields=["subject"], name="audit_entrysubject_subject")]

    def __str__(self) -> str:
        return str(self.entry_id)


declare(
    EntrySubject,
    purpose=_LEDGER,
    retention=_("Kept, but it leads to nobody any more once the person is erased."),
    about={DataSubject.TRAVELLER, DataSubject.REPORTED},
    basis=LegalBasis.LEGAL_OBLIGATION,
    plain={"entry"},
    derived={"subject"},
)


class SubjectSalt(models.Model):
    """One person's salt. Destroying it unties the person from the ledger for ever."""

    person_id = models.UUIDField(primary_key=True)
    salt = models.BinaryField(_("random number that ties the ledger to them"), max_length=32)

    class Meta:
        verbose_name = _("subject's salt")
        verbose_name_plural = _("subjects' salts")

    def __str__(self) -> str:
        return str(self.person_id)


declare(
    SubjectSalt,
    purpose=_LEDGER,
    retention=_("Until the person is erased."),
    about={DataSubject.TRAVELLER, DataSubject.REPORTED},
    basis=LegalBasis.LEGAL_OBLIGATION,
    plain={"person_id", "salt"},
)


class Seal(AppendOnly):
    """One link of the chain: a digest over a batch of entries and over the link before."""

    position = models.BigIntegerField(_("position"), primary_key=True)
    previous = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32)
    entries = models.PositiveIntegerField(_("entries"))
    sealed_at = models.DateTimeField(_("sealed at"), default=timezone.now)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")

    def __str__(self) -> str:
        return str(self.position)


class SealedEntry(AppendOnly):
    """Which seal an entry stands under, and the entry's own digest."""

    entry = models.OneToOneField(
        Entry, models.PROTECT, primary_key=True, related_name="sealed_under"
    )
    seal = models.ForeignKey(Seal, models.PROTECT, related_name="members")
    digest = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("sealed entry")
        verbose_name_plural = _("sealed entries")

    def __str__(self) -> str:
        return str(self.entry_id)


class UnsealedEntry(models.Model):
    """An entry that waits for the sealer. Written with the entry, taken away by the sealer.

    A queue of its own, so that an entry that commits late is sealed late instead of never.
    """

    entry = models.OneToOneField(
        Entry, models.PROTECT, primary_key=True, related_name="waiting_for_seal"
    )

    class Meta:
        verbose_name = _("entry not yet sealed")
        verbose_name_plural = _("entries not yet sealed")

    def __str__(self) -> str:
        return str(self.entry_id)


class Head(AppendOnly):
    """The newest seal at the end of one day (UTC), which is published and mailed.

    Kept, because `sealed_at` is under no seal: what was published must not change with it.
    """

    day = models.DateField(_("day"), primary_key=True)
    position = models.BigIntegerField(_("position"))
    digest = models.BinaryField(max_length=32)
    entries = models.PositiveIntegerField(_("entries"))

    class Meta:
        verbose_name = _("head of a day")
        verbose_name_plural = _("heads of days")

    def __str__(self) -> str:
        return self.line

    @property
    def line(self) -> str:
        """As it is published: day, position, digest in hexadecimal, entries of that day."""
        return f"{self.day} {self.position} {bytes(self.digest).hex()} {self.entries}"


for _model, _plain, _derived in (
    (Seal, {"position", "entries", "sealed_at"}, {"previous", "digest"}),
    (Head, {"day", "position", "entries"}, {"digest"}),
    (SealedEntry, {"entry", "seal"}, {"digest"}),
    (UnsealedEntry, {"entry"}, set[str]()),
):
    declare(
        _model,
        purpose=_LEDGER,
        retention=_("Kept: an account that can be shortened proves nothing."),
        about=(),
        plain=_plain,
        derived=_derived,
    )
