"""People who registered: how to reach them, where they stay and when, what they agreed to."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geography.models import Place
from notifications.enums import Channel
from privacy.blind_index import BlindIndexField
from privacy.declarations import declare
from privacy.fields import SealedJSONField, SealedTextField
from registrations.answers import OPEN_END
from registrations.enums import ConsentPurpose, Precision, Source, StayKind
from registrations.querysets import ContactPointQuerySet, PersonQuerySet, StayQuerySet
from registrations.references import reference_of

DRAFT_LIFETIME = dt.timedelta(hours=72)
CODE_LIFETIME = dt.timedelta(minutes=15)

_STAY_RETENTION = "STAY_RETENTION_DAYS (30) after it ends, unless an open crisis touches it"
_PERSON_RETENTION = "As long as the person has a stay on record"


def draft_expiry() -> dt.datetime:
    return timezone.now() + DRAFT_LIFETIME


def code_expiry() -> dt.datetime:
    return timezone.now() + CODE_LIFETIME


class Person(models.Model):
    """A citizen abroad. Not a user: found by a contact point, proved with a code."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = SealedTextField(_("name"), seal="registrations.person.name", max_length=300)
    language = models.CharField(_("language"), max_length=8)
    source = models.CharField(_("source"), max_length=16, choices=Source, default=Source.SELF)
    created_at = models.DateTimeField(_("registered at"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed at"), default=timezone.now)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return reference_of(self.id)


declare(
    Person,
    purpose="Know whom a registration is about, and in which language to write",
    retention=_PERSON_RETENTION,
    sealed={"name"},
    plain={"id", "language", "source", "created_at", "confirmed_at"},
)


class ContactPoint(models.Model):
    """One way to reach a person. Two people may share it: a family has one telephone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="contact_points")
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    address = SealedTextField(
        _("address"), seal="registrations.contactpoint.address", owner="person_id", max_length=254
    )
    address_index = BlindIndexField()
    verified_at = models.DateTimeField(_("proved at"), null=True)
    works_abroad = models.BooleanField(_("works abroad"), default=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ContactPointQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        indexes = [models.Index(fields=["address_index"], name="contact_by_address")]

    def __str__(self) -> str:
        return str(self.id)


declare(
    ContactPoint,
    purpose="Write to the person, and know them again by an address they prove",
    retention=_PERSON_RETENTION,
    sealed={"address"},
    plain={"id", "person", "channel", "verified_at", "works_abroad", "created_at"},
    derived={"address_index"},
)


class Stay(models.Model):
    """Where a person is and when, as exactly as they said. Both days are inclusive."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="stays")
    kind = models.CharField(_("kind"), max_length=16, choices=StayKind)
    precision = models.CharField(_("precision"), max_length=16, choices=Precision)
    # Every query by place goes through stay_by_place, so the key needs no index of its own.
    place = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+", db_index=False)
    cell = models.BigIntegerField(_("cell"), null=True)
    country = models.CharField(_("country"), max_length=2, blank=True)  # empty on the high seas
    admin1 = models.CharField(_("region"), max_length=32, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=48, default="UTC")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), default=OPEN_END)
    exact_address = SealedTextField(
        _("address there"),
        seal="registrations.stay.exact_address",
        owner="person_id",
        max_length=300,
        null=True,
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), default=timezone.now)

    objects = StayQuerySet.as_manager()

    class Meta:
        verbose_name = _("stay")
        verbose_name_plural = _("stays")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="stay_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(precision=Precision.PIN, cell__isnull=False)
                | models.Q(precision=Precision.PLACE, place__isnull=False, cell__isnull=False)
                | models.Q(precision__in=[Precision.REGION, Precision.COUNTRY], cell__isnull=True),
                name="stay_located_as_precision_says",
            ),
        ]
        # Each answers one way of lying in an area without touching the table.
        indexes = [
            models.Index(
                fields=["cell", "ends_on", "starts_on"],
                include=["person", "time_zone", "confirmed_at"],
                condition=models.Q(precision=Precision.PIN),
                name="stay_by_cell",
            ),
            models.Index(
                fields=["place", "ends_on", "starts_on"],
                include=["person", "time_zone", "confirmed_at"],
                condition=models.Q(precision=Precision.PLACE),
                name="stay_by_place",
            ),
            models.Index(
                fields=["country", "ends_on", "starts_on"],
                include=["person", "time_zone", "confirmed_at", "precision"],
                name="stay_by_country",
            ),
            models.Index(
                fields=["country", "ends_on", "starts_on"],
                include=["person", "time_zone", "confirmed_at"],
                condition=models.Q(precision__in=[Precision.REGION, Precision.COUNTRY]),
                name="stay_somewhere",
            ),
            models.Index(fields=["ends_on"], name="stay_by_end"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_open_ended(self) -> bool:
        return self.ends_on == OPEN_END


declare(
    Stay,
    purpose="Find who is in an affected area on the days of a crisis",
    retention=_STAY_RETENTION,
    sealed={"exact_address"},
    plain={
        "id",
        "person",
        "kind",
        "precision",
        "place",
        "country",
        "admin1",
        "starts_on",
        "ends_on",
        "confirmed_at",
    },
    derived={"cell", "time_zone"},
)


class FamilyContact(models.Model):
    """Whom to call at home."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="family_contacts")
    name = SealedTextField(
        _("name"), seal="registrations.familycontact.name", owner="person_id", max_length=300
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
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("family contact")
        verbose_name_plural = _("family contacts")

    def __str__(self) -> str:
        return str(self.id)


declare(
    FamilyContact,
    purpose="Reach the person's family in a crisis",
    retention=_PERSON_RETENTION,
    sealed={"name", "relationship", "phone", "mail"},
    plain={"id", "person", "created_at"},
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
        indexes = [models.Index(fields=["person", "purpose"], name="consent_by_person")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.text_version}"


declare(
    Consent,
    purpose="Do only what the person agreed to, and be able to show it",
    retention=_PERSON_RETENTION,
    plain={"id", "person", "purpose", "text_version", "language", "given_at", "withdrawn_at"},
)


class Draft(models.Model):
    """A half-finished registration. Its identifier becomes the person's when it is completed,
    so that a doubled submit finds the person it made instead of making another."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    answers = SealedJSONField(seal="registrations.draft.answers")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=draft_expiry)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        indexes = [models.Index(fields=["expires_at"], name="draft_by_expiry")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()


declare(
    Draft,
    purpose="Keep what was typed until the registration is sent",
    retention="72 hours",
    sealed={"answers"},
    plain={"id", "created_at", "expires_at"},
)


class Challenge(models.Model):
    """A code sent to an address to prove it. The code itself is derived and never stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="challenges")
    channel = models.CharField(max_length=8, choices=Channel)
    address = SealedTextField(
        seal="registrations.challenge.address", owner="draft_id", max_length=254
    )
    address_index = BlindIndexField()
    language = models.CharField(max_length=8)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=code_expiry)
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("challenge")
        verbose_name_plural = _("challenges")

    def __str__(self) -> str:
        return str(self.id)


declare(
    Challenge,
    purpose="Prove that an address belongs to who typed it",
    retention="With its draft, 72 hours at most",
    sealed={"address"},
    plain={"id", "draft", "channel", "language", "created_at", "expires_at", "tries", "used_at"},
    derived={"address_index"},
)
