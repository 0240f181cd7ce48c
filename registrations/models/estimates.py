"""How many citizens are thought to be in a country, and who says so. About nobody."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from privacy.declarations import declare


def _is_range(low: str, high: str) -> Q:
    """Both ends in their order, or neither. A comparison with nothing would pass the database."""
    neither = Q((f"{low}__isnull", True), (f"{high}__isnull", True))
    both = Q((f"{low}__isnull", False), (f"{high}__isnull", False), (f"{low}__lte", F(high)))
    return neither | both


class CitizenEstimate(models.Model):
    """One source's figures for one country and year, as a range.

    Residents live there; travellers are those who are there on an average day of the year. A
    source that says nothing of one of the two leaves both its ends empty.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    country = models.CharField(_("country"), max_length=2)
    year = models.PositiveSmallIntegerField(_("year"))
    residents_low = models.PositiveIntegerField(_("residents, at least"), null=True)
    residents_high = models.PositiveIntegerField(_("residents, at most"), null=True)
    travellers_low = models.PositiveIntegerField(_("travellers on a day, at least"), null=True)
    travellers_high = models.PositiveIntegerField(_("travellers on a day, at most"), null=True)
    source = models.CharField(_("source"), max_length=200)
    loaded_at = models.DateTimeField(_("loaded at"), default=timezone.now)

    class Meta:
        verbose_name = _("estimate of citizens in a country")
        verbose_name_plural = _("estimates of citizens in a country")
        constraints = [
            models.UniqueConstraint(
                fields=["country", "year", "source"], name="estimate_once_for_each_source"
            ),
            models.CheckConstraint(
                condition=_is_range("residents_low", "residents_high"),
                name="estimate_of_residents_is_a_range",
            ),
            models.CheckConstraint(
                condition=_is_range("travellers_low", "travellers_high"),
                name="estimate_of_travellers_is_a_range",
            ),
            models.CheckConstraint(
                condition=Q(residents_high__isnull=False) | Q(travellers_high__isnull=False),
                name="estimate_says_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.year}: {self.source}"


declare(
    CitizenEstimate,
    purpose=_("Tell what part of the citizens in an area is registered"),
    retention=_("Kept until another file replaces it: figures only, about nobody."),
    about=(),
    plain={
        "id", "country", "year", "residents_low", "residents_high", "travellers_low",
        "travellers_high", "source", "loaded_at",
    },
)  # fmt: skip
