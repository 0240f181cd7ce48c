"""The person a registration is about, and who travels with them."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from privacy.declarations import Own, declare
from privacy.fields import SealedDateField, SealedTextField
from privacy.processing import DataSubject, LegalBasis
from registrations.enums import CompanionConsent, Source
from registrations.kept import BASIS_OF_PERSON, REGISTER, WITH_REGISTRATION
from registrations.querysets import PersonQuerySet
from registrations.references import reference_of

_STATISTICS = _("Statistics that identify no one")
_WHILE_COUNTED = _("Until this consent is taken back, and no longer than the registration.")


class Person(models.Model):
    """A citizen abroad. Not a user: found by a contact point, proved with a code."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = SealedTextField(_("name"), seal="registrations.person.name", max_length=300)
    language = models.CharField(_("language"), max_length=8)
    source = models.CharField(_("source"), max_length=16, choices=Source, default=Source.SELF)
    document_number = SealedTextField(
        _("document number"), seal="registrations.person.document_number", max_length=40, null=True
    )
    birth_date = SealedDateField(
        _("date of birth"), seal="registrations.person.birth_date", null=True
    )
    # A special category: kept only while the consent of that name stands.
    needs = SealedTextField(
        _("medical or mobility needs"),
        seal="registrations.person.needs",
        max_length=1000,
        null=True,
    )
    # Only for statistics, and only while that consent stands.
    gender = SealedTextField(_("gender"), seal="registrations.person.gender", null=True)
    home_region = SealedTextField(
        _("region at home"), seal="registrations.person.home_region", max_length=100, null=True
    )
    group = models.ForeignKey(
        "registrations.Group",
        models.SET_NULL,
        verbose_name=_("group"),
        null=True,
        related_name="people",
    )
    # Found to be the same as another: what hung here hangs there, until the merge is undone.
    merged_into = models.ForeignKey(
        "self",
        models.CASCADE,
        verbose_name=_("the registration it was joined with"),
        null=True,
        related_name="absorbed",
    )
    reminders_stopped_at = models.DateTimeField(_("wants no reminders since"), null=True)
    created_at = models.DateTimeField(_("registered at"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed at"), default=timezone.now)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [
            # The languages of the people of an area are counted without a look at the table.
            models.Index(fields=["id"], include=["language"], name="person_language")
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return reference_of(self.id)


declare(
    Person,
    purpose=REGISTER,
    retention=WITH_REGISTRATION,
    about={DataSubject.TRAVELLER, DataSubject.REPORTED},
    basis=BASIS_OF_PERSON,
    sealed={
        "name": "",
        "document_number": "",
        "birth_date": "",
        "needs": Own(
            _("Help with an illness or a disability, in a crisis only"),
            _("Until this consent is taken back, and no longer than the registration."),
            LegalBasis.EXPLICIT_CONSENT,
        ),
        "gender": Own(_STATISTICS, _WHILE_COUNTED),
        "home_region": Own(_STATISTICS, _WHILE_COUNTED),
    },
    plain={
        "id", "language", "source", "created_at", "confirmed_at", "group", "merged_into",
        "reminders_stopped_at",
    },
)  # fmt: skip


class Companion(models.Model):
    """Who travels with a person, and how they agreed to be named."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="companions")
    name = SealedTextField(
        _("name"), seal="registrations.companion.name", owner="person_id", max_length=300
    )
    birth_date = SealedDateField(
        _("date of birth"), seal="registrations.companion.birth_date", owner="person_id", null=True
    )
    is_minor = models.BooleanField(_("under 18"))
    consent = models.CharField(_("consent"), max_length=16, choices=CompanionConsent)
    text_version = models.CharField(_("version of the text"), max_length=16)
    # Those who were written to, so that they agree for themselves: a report until they do.
    invited = models.ForeignKey(
        Person, models.SET_NULL, verbose_name=_("the invited person"), null=True, related_name="+"
    )
    agreed_at = models.DateTimeField(_("agreed at"), null=True)
    created_at = models.DateTimeField(_("entered at"), default=timezone.now)

    class Meta:
        verbose_name = _("companion")
        verbose_name_plural = _("companions")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_minor=True, consent=CompanionConsent.GUARDIAN)
                | models.Q(is_minor=False) & ~models.Q(consent=CompanionConsent.GUARDIAN),
                name="companion_guardian_for_minors",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


declare(
    Companion,
    purpose=REGISTER,
    retention=WITH_REGISTRATION,
    about={DataSubject.COMPANION},
    basis=LegalBasis.CONSENT,
    sealed={"name", "birth_date"},
    plain={
        "id", "person", "is_minor", "consent", "text_version", "invited", "agreed_at", "created_at",
    },
)  # fmt: skip


class FocalPoint(models.Model):
    """Someone who agreed to relay word in a community. Never given a list of people."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.OneToOneField(Person, models.CASCADE, related_name="focal_point")
    place = models.ForeignKey(
        "geography.Place", models.PROTECT, verbose_name=_("town"), related_name="+"
    )
    country = models.CharField(_("country"), max_length=2)
    community = SealedTextField(
        _("community"),
        seal="registrations.focalpoint.community",
        owner="person_id",
        max_length=300,
        null=True,
    )
    text_version = models.CharField(_("version of the text"), max_length=16)
    agreed_at = models.DateTimeField(_("agreed at"), default=timezone.now)

    class Meta:
        verbose_name = _("focal point")
        verbose_name_plural = _("focal points")

    def __str__(self) -> str:
        return str(self.id)


declare(
    FocalPoint,
    purpose=_("Ask someone on the spot to pass word on"),
    retention=_("Until they take it back, and no longer than the registration."),
    about={DataSubject.TRAVELLER},
    basis=LegalBasis.CONSENT,
    sealed={"community"},
    plain={"id", "person", "place", "country", "text_version", "agreed_at"},
)
