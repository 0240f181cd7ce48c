"""Where people stay and when."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geography.models import Place
from privacy.declarations import declare
from privacy.fields import SealedTextField
from privacy.processing import DataSubject
from registrations.answers import OPEN_END
from registrations.enums import Precision, StayKind, TravelPurpose
from registrations.kept import BASIS_OF_PERSON, WITH_STAY
from registrations.models.people import Person
from registrations.querysets import StayQuerySet


class Stay(models.Model):
    """Where a person is and when, as exactly as they said. Both days are inclusive."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="stays")
    kind = models.CharField(_("kind"), max_length=16, choices=StayKind)
    precision = models.CharField(_("precision"), max_length=16, choices=Precision)
    # Every query by place goes through stay_by_place, so the key needs no index of its own.
    place = models.ForeignKey(
        Place,
        models.PROTECT,
        verbose_name=_("town"),
        null=True,
        related_name="+",
        db_index=False,
    )
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
    purpose = models.CharField(_("purpose"), max_length=16, choices=TravelPurpose, blank=True)
    # The ship of a voyage, or the employer of who works there.
    aboard_or_with = SealedTextField(
        _("ship or employer"),
        seal="registrations.stay.aboard_or_with",
        owner="person_id",
        max_length=300,
        null=True,
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), default=timezone.now)
    # Whether the person agrees to be contacted in a crisis. Kept by the database's own triggers,
    # whatever is written here: an area's people are read from one index, consent and all.
    contact_agreed = models.BooleanField(_("agreed to be contacted"), default=False, editable=False)
    # The last day as it stood before the person said that they had left.
    planned_end = models.DateField(_("planned until"), null=True)
    reminded_at = models.DateTimeField(_("reminded of its end at"), null=True)
    # Of a residence: when we last asked whether it is still right, and how often in vain.
    asked_at = models.DateTimeField(_("asked whether still right at"), null=True)
    asked_in_vain = models.PositiveSmallIntegerField(_("asked in vain"), default=0)

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
                include=["person", "time_zone", "confirmed_at", "contact_agreed"],
                condition=models.Q(precision=Precision.PIN),
                name="stay_by_cell",
            ),
            models.Index(
                fields=["place", "ends_on", "starts_on"],
                include=["person", "time_zone", "confirmed_at", "contact_agreed"],
                condition=models.Q(precision=Precision.PLACE),
                name="stay_by_place",
            ),
            models.Index(
                fields=["country", "ends_on", "starts_on"],
                include=["person", "time_zone", "confirmed_at", "contact_agreed", "precision"],
                name="stay_by_country",
            ),
            models.Index(
                fields=["country", "admin1", "ends_on", "starts_on"],
                include=["person", "time_zone", "confirmed_at", "contact_agreed", "precision"],
                name="stay_by_region",
            ),
            models.Index(
                fields=["country", "ends_on", "starts_on"],
                include=[
                    "person",
                    "time_zone",
                    "confirmed_at",
                    "contact_agreed",
                    "admin1",
                    "precision",
                ],
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
    purpose=_("Find who is in an affected area on the days of a crisis"),
    retention=WITH_STAY,
    about={DataSubject.TRAVELLER, DataSubject.REPORTED},
    basis=BASIS_OF_PERSON,
    sealed={"exact_address", "aboard_or_with"},
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
        "purpose",
        "planned_end",
        "reminded_at",
        "asked_at",
        "asked_in_vain",
    },
    derived={"cell", "time_zone", "contact_agreed"},
)
