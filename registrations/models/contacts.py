"""How a person is reached, whom to call at home, and what they agreed to."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.channels.installed import LONGEST_ADDRESS, channel_choices
from privacy.blind_index import BlindIndexField
from privacy.declarations import Own, declare
from privacy.fields import SealedTextField
from privacy.processing import DataSubject, LegalBasis
from registrations.enums import ConsentPurpose
from registrations.kept import BASIS_OF_PERSON, REGISTER, REPLACED, WITH_REGISTRATION
from registrations.models.people import Person
from registrations.querysets import ContactPointQuerySet


class ContactPoint(models.Model):
    """One way to reach a person. Two people may share it: a family has one telephone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="contact_points")
    channel = models.CharField(_("channel"), max_length=20, choices=channel_choices)
    address = SealedTextField(
        _("address"),
        seal="registrations.contactpoint.address",
        owner="person_id",
        max_length=LONGEST_ADDRESS,
    )
    address_index = BlindIndexField()
    verified_at = models.DateTimeField(_("proved at"), null=True)
    works_abroad = models.BooleanField(_("works abroad"), default=True)
    created_at = models.DateTimeField(_("entered at"), default=timezone.now)
    # Another took its place: kept unproved for some days, only to tell it that it was replaced.
    replaced_at = models.DateTimeField(_("replaced at"), null=True)
    # A provider said that there is no such address. It is still tried in a crisis.
    undeliverable_since = models.DateTimeField(_("does not work since"), null=True)

    objects = ContactPointQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        indexes = [
            models.Index(fields=["address_index"], name="contact_by_address"),
            # What reaches the people of an area is counted without a look at the table.
            models.Index(
                fields=["person"],
                name="contact_proved",
                include=["channel", "address_index"],
                condition=models.Q(verified_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_undeliverable(self) -> bool:
        """Whether it did not work when it was last tried; one that is proved again works."""
        since = self.undeliverable_since
        return since is not None and (self.verified_at is None or self.verified_at < since)


declare(
    ContactPoint,
    purpose=REGISTER,
    retention=WITH_REGISTRATION,
    about={DataSubject.TRAVELLER, DataSubject.REPORTED},
    basis=BASIS_OF_PERSON,
    sealed={"address"},
    plain={
        "id": "",
        "person": "",
        "channel": "",
        "verified_at": "",
        "works_abroad": "",
        "created_at": "",
        "undeliverable_since": _("Ask for another address where one does not work any more"),
        "replaced_at": Own(_("Tell an address once that another took its place"), REPLACED),
    },
    derived={"address_index": _("Know a person again by an address they prove")},
)


class FamilyContact(models.Model):
    """Whom to call at home."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="family_contacts")
    name = SealedTextField(
        _("name"),
        seal="registrations.familycontact.name",
        owner="person_id",
        max_length=300,
        null=True,
    )
    relationship = SealedTextField(
        _("relationship"),
        seal="registrations.familycontact.relationship",
        owner="person_id",
        max_length=100,
        null=True,
    )
    phone = SealedTextField(
        _("telephone"),
        seal="registrations.familycontact.phone",
        owner="person_id",
        max_length=20,
        null=True,
    )
    mail = SealedTextField(
        _("email address"),
        seal="registrations.familycontact.mail",
        owner="person_id",
        max_length=254,
        null=True,
    )
    created_at = models.DateTimeField(_("entered at"), default=timezone.now)
    # The address they are told at, that they are listed and by whom.
    address_index = BlindIndexField(null=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    told_at = models.DateTimeField(_("told at"), null=True)
    # They did not want to be listed: nothing of them is kept but the index, so that nobody lists
    # them here again.
    objected_at = models.DateTimeField(_("objected at"), null=True)

    class Meta:
        verbose_name = _("family contact")
        verbose_name_plural = _("family contacts")
        indexes = [
            # Those who wait to be told, the oldest first.
            models.Index(
                fields=["created_at", "id"],
                name="family_untold",
                condition=models.Q(told_at__isnull=True, objected_at__isnull=True),
            ),
            # Those told by text message, to count the day's.
            models.Index(
                fields=["told_at"],
                name="family_told_by_text",
                condition=models.Q(told_at__isnull=False, mail__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


declare(
    FamilyContact,
    purpose=_("Reach somebody's family in a crisis"),
    retention=WITH_REGISTRATION,
    about={DataSubject.FAMILY},
    basis=LegalBasis.PUBLIC_TASK,
    sealed={"name", "relationship", "phone", "mail"},
    plain={"id", "person", "created_at", "language", "told_at", "objected_at"},
    derived={"address_index": _("Never list somebody again who does not want it")},
)


class Consent(models.Model):
    """What a person agreed to, in which text and language, and until when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="consents", db_index=False)
    purpose = models.CharField(_("purpose"), max_length=32, choices=ConsentPurpose)
    text_version = models.CharField(_("version of the text"), max_length=16)
    language = models.CharField(_("language of the text"), max_length=8)
    given_at = models.DateTimeField(_("given at"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    # A newer text that they read, and chose to stay with this one: not asked about it again.
    declined_version = models.CharField(
        _("newer version declined"), max_length=16, default="", blank=True
    )

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "purpose"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_standing_consent",
            )
        ]
        indexes = [
            models.Index(fields=["person", "purpose"], name="consent_by_person"),
            # Who took one back lately: few rows, and asked for while a notice goes out.
            models.Index(
                fields=["withdrawn_at"],
                name="consent_taken_back",
                condition=models.Q(withdrawn_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.text_version}"


declare(
    Consent,
    purpose=_("Do only what a person agreed to, and be able to show it"),
    retention=WITH_REGISTRATION,
    about={DataSubject.TRAVELLER},
    basis=LegalBasis.LEGAL_OBLIGATION,
    plain={
        "id", "person", "purpose", "text_version", "language", "given_at", "withdrawn_at",
        "declined_version",
    },
)  # fmt: skip
