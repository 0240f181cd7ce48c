"""Reads of people and stays, by the words that the floors above use."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

import rules
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.utils import timezone

from geography.areas import Area
from registrations.consents import consent_in_force
from registrations.enums import TYPED_CHANNELS, Confidence, ConsentPurpose
from registrations.rules import READ_PEOPLE
from registrations.selection import read_within, tell_days
from registrations.stages import StillThere
from registrations.windows import Window

if TYPE_CHECKING:
    from accounts.models import User
    from registrations.models import ContactPoint, Person, Stay  # noqa: F401  (in the bases)

# How long after its end a stay is still shown, as expired; and how long a word stays fresh.
EXPIRED_DAYS = 30
FRESH_DAYS = 365


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, user: User) -> Self:
        """Those with a current or coming stay in the user's jurisdiction; a coordinator, all."""
        from registrations.models import Stay

        if not rules.has_perm(READ_PEOPLE, user):
            return self.none()
        countries = user.countries
        if countries is None:
            return self
        # A day's grace: the user's midnight is not the place's.
        yesterday = timezone.now().date() - dt.timedelta(days=1)
        stays = Stay.objects.filter(
            person=OuterRef("pk"), country__in=sorted(countries), ends_on__gte=yesterday
        )
        return self.filter(Exists(stays))

    def with_consent(self, purpose: str) -> Self:
        return self.filter(consent_in_force(purpose, OuterRef("pk")))


class StayQuerySet(models.QuerySet["Stay"]):
    def in_area(self, area: Area) -> Self:
        """Stays that touch the area, annotated `match`: a Match.

        Inside: a pin whose cell touches, a town whose whole disc lies within, and every stay that
        names a country or region chosen whole. Possibly: a town whose disc touches. In the region:
        known only by a region of which a town touches. Somewhere: known only by a country that the
        area touches, or by another of its regions.
        """
        return read_within(self, area)

    def during(
        self,
        window_start: dt.datetime,
        window_end: dt.datetime,
        *,
        include_expired: bool = False,
        include_gone: bool = False,
    ) -> Self:
        """Stays on the window's days, as the calendar of the place counts them, and a day more.

        Without those that the person has left, or moved on from (`stages`), unless include_gone.
        Annotates `day_doubt` (only by that day more) and `confidence`: confirmed, stale, or,
        with include_expired, ended in the 30 days before the window.
        """
        window = Window(window_start, window_end)
        earliest = window.earliest - dt.timedelta(days=EXPIRED_DAYS if include_expired else 0)
        one, grace = dt.timedelta(days=1), dt.timedelta(days=EXPIRED_DAYS if include_expired else 1)
        stale_before = window_start - dt.timedelta(days=FRESH_DAYS)
        found = (
            # Plain days first, which the index answers; then each place's own.
            tell_days(self, earliest, window.latest)
            .filter(ends_on__gte=earliest, starts_on__lte=window.latest)
            .filter(
                window.from_first_day("ends_on", shift=-grace),
                window.until_last_day("starts_on", shift=one),
            )
            .annotate(
                day_doubt=Case(
                    When(
                        Q(window.from_first_day("ends_on")) & Q(window.until_last_day("starts_on")),
                        then=Value(False),
                    ),
                    default=Value(True),
                ),
                confidence=Case(
                    When(
                        ~Q(window.from_first_day("ends_on", shift=-one)),
                        then=Value(Confidence.EXPIRED.value),
                    ),
                    When(confirmed_at__lt=stale_before, then=Value(Confidence.STALE.value)),
                    default=Value(Confidence.CONFIRMED.value),
                ),
            )
        )
        return found if include_gone else found.filter(StillThere(window))

    def with_consent(self, purpose: str) -> Self:
        """Those whose person's consent stands; being contacted in a crisis is asked most, and
        stands in the stay itself."""
        if purpose == ConsentPurpose.CRISIS_CONTACT:
            return self.filter(contact_agreed=True)
        return self.filter(consent_in_force(purpose, OuterRef("person_id")))


class ContactPointQuerySet(models.QuerySet["ContactPoint"]):
    def proved(self) -> Self:
        return self.filter(verified_at__isnull=False)

    def typed(self) -> Self:
        """Those that were typed, and by which one signs in."""
        return self.filter(channel__in=TYPED_CHANNELS)

    def with_consent(self, purpose: str) -> Self:
        return self.filter(consent_in_force(purpose, OuterRef("person_id")))
