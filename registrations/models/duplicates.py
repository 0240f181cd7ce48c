"""Finding the same person twice: keys, verdicts and merges that can be undone."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from privacy.blind_index import BlindIndexField
from privacy.declarations import declare
from privacy.processing import DataSubject, LegalBasis
from registrations.enums import KeyKind
from registrations.kept import FIND_TWICE, WITH_REGISTRATION
from registrations.models.people import Person


class PersonKey(models.Model):
    """A blind index by which the same person, entered twice, is found."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="keys", db_index=False)
    kind = models.CharField(_("kind"), max_length=16, choices=KeyKind)
    index = BlindIndexField()

    class Meta:
        verbose_name = _("fingerprint of a registration")
        verbose_name_plural = _("fingerprints of a registration")
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "index"], name="one_key_of_a_kind")
        ]
        indexes = [models.Index(fields=["index"], name="key_by_index")]

    def __str__(self) -> str:
        return str(self.id)


declare(
    PersonKey,
    purpose=FIND_TWICE,
    retention=WITH_REGISTRATION,
    about={DataSubject.TRAVELLER, DataSubject.REPORTED},
    basis=LegalBasis.PUBLIC_TASK,
    plain={"id", "person", "kind"},
    derived={"index"},
)


class Verdict(models.Model):
    """An officer found that two people who look alike are two. The lower identifier is first."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    first = models.ForeignKey(Person, models.CASCADE, related_name="+")
    second = models.ForeignKey(Person, models.CASCADE, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), default=timezone.now)

    class Meta:
        verbose_name = _("finding that two are not one")
        verbose_name_plural = _("findings that two are not one")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_verdict_on_a_pair"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="verdict_pair_in_order"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


declare(
    Verdict,
    purpose=FIND_TWICE,
    retention=WITH_REGISTRATION,
    about={DataSubject.TRAVELLER, DataSubject.REPORTED},
    basis=LegalBasis.PUBLIC_TASK,
    plain={"id", "first", "second", "decided_at"},
)


class Merge(models.Model):
    """Two people found to be one. `moved` holds what must go back if it is undone: identifiers
    of rows by model name, never a value."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kept = models.ForeignKey(Person, models.CASCADE, related_name="merges")
    absorbed = models.ForeignKey(Person, models.CASCADE, related_name="+")
    moved = models.JSONField(_("what goes back if it is undone"), default=dict)
    merged_at = models.DateTimeField(_("joined at"), default=timezone.now)
    undone_at = models.DateTimeField(_("undone at"), null=True)

    class Meta:
        verbose_name = _("joining of two registrations")
        verbose_name_plural = _("joinings of two registrations")
        constraints = [
            models.UniqueConstraint(
                fields=["absorbed"],
                condition=models.Q(undone_at__isnull=True),
                name="absorbed_once",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


declare(
    Merge,
    purpose=FIND_TWICE,
    retention=WITH_REGISTRATION,
    about={DataSubject.TRAVELLER, DataSubject.REPORTED},
    basis=LegalBasis.PUBLIC_TASK,
    plain={"id", "kept", "absorbed", "moved", "merged_at", "undone_at"},
)
