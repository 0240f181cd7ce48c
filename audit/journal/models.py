"""What waits to be written into the journal's file, and how far this database stands in it."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from privacy.declarations import declare
from privacy.processing import DataSubject, LegalBasis


class JournalEntry(models.Model):
    """One erasure or withdrawal that is not in the journal's file yet; deleted once it is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(_("at"), default=timezone.now)
    kind = models.CharField(_("kind"), max_length=32)
    person_id = models.UUIDField(_("person"), null=True, blank=True)
    model = models.CharField(_("kind of row"), max_length=64, blank=True)
    row_id = models.UUIDField(_("row"), null=True, blank=True)
    code = models.CharField(_("code"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        indexes = [models.Index(fields=["at"], name="audit_journalentry_at")]

    def __str__(self) -> str:
        return self.kind


declare(
    JournalEntry,
    purpose=_("Do again, in a restored database, what people had erased or withdrawn"),
    retention=_("Until it stands in the journal outside the database, within a minute."),
    about={DataSubject.TRAVELLER, DataSubject.STAFF},
    basis=LegalBasis.LEGAL_OBLIGATION,
    plain={"id", "at", "kind", "person_id", "model", "row_id", "code"},
)


class JournalHead(models.Model):
    """The last line of the journal that this database knows, and which database it is.

    A restored database is found by it: its line is not the journal's last, or it is another
    database than the one that was verified.
    """

    ONLY = 1

    id = models.SmallIntegerField(primary_key=True, default=ONLY)
    position = models.BigIntegerField(_("position"), default=0)
    digest = models.BinaryField(max_length=32, default=bytes(32))
    database = models.CharField(_("database"), max_length=80)
    verified_at = models.DateTimeField(_("verified at"), default=timezone.now)

    class Meta:
        verbose_name = _("journal's head")
        verbose_name_plural = _("journal's heads")

    def __str__(self) -> str:
        return str(self.position)


declare(
    JournalHead,
    purpose=_("Do again, in a restored database, what people had erased or withdrawn"),
    retention=_("While the portal runs."),
    about=(),
    plain={"id", "position", "database", "verified_at"},
    derived={"digest"},
)
