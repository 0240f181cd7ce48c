"""Which versions of a country's page a reader, an officer or the digest finds."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

import rules
from django.db import models

from accounts.models import User
from accounts.rules import SERVE_PEOPLE
from advisories.enums import AdviceState

if TYPE_CHECKING:
    from advisories.models import Advice  # noqa: F401  (in the base)


class AdviceQuerySet(models.QuerySet["Advice"]):
    def published(self) -> Self:
        """At most one for each country."""
        return self.filter(state=AdviceState.PUBLISHED)

    def public(self) -> Self:
        """What anybody may read: what stands, and what stood before it."""
        return self.exclude(state=AdviceState.DRAFT)

    def drafts(self) -> Self:
        """At most one for each country."""
        return self.filter(state=AdviceState.DRAFT)

    def for_country(self, country: str) -> Self:
        return self.filter(country=country)

    def visible_to(self, user: User) -> Self:
        """Drafts and versions of the countries of the user's post; a coordinator's, all."""
        if not rules.has_perm(SERVE_PEOPLE, user):
            return self.none()
        countries = user.countries
        return self if countries is None else self.filter(country__in=sorted(countries))

    def unannounced(self) -> Self:
        """Published changes that nobody has been told of."""
        return self.published().filter(announcement__isnull=True)

    def changed_since(self, moment: dt.datetime) -> Self:
        return self.published().filter(published_at__gte=moment)

    def with_texts(self) -> Self:
        return self.prefetch_related("texts", "numbers")
