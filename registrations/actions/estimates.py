"""Keeping the estimates of how many citizens are in which country. About nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import transaction
from django.utils import timezone

from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose
from registrations.models import CitizenEstimate

_AT_ONCE = 500


@transaction.atomic
def load_estimates(
    *,
    estimates: Sequence[CitizenEstimate],
    by: Actor,
    progress: Callable[[int], object] | None = None,
) -> int:
    """Keep these estimates, in place of those of the same country, year and source; all or none.

    Returns how many were replaced.
    """
    now = timezone.now()
    keys = {(one.country, one.year, one.source) for one in estimates}
    countries = {one.country for one in estimates}
    before = CitizenEstimate.objects.filter(country__in=sorted(countries)).order_by("pk")
    former = [
        pk
        for pk, *key in before.values_list("pk", "country", "year", "source")
        if tuple(key) in keys
    ]
    CitizenEstimate.objects.filter(pk__in=former).delete()
    for first in range(0, len(estimates), _AT_ONCE):
        batch = estimates[first : first + _AT_ONCE]
        for one in batch:
            one.loaded_at = now
        CitizenEstimate.objects.bulk_create(batch)
        if progress is not None:
            progress(len(batch))
    record(
        action="estimate.load",
        by=by,
        purpose=Purpose.MAINTENANCE,
        details={
            "estimates": len(estimates),
            "replaced": len(former),
            "countries": len(countries),
        },
    )
    return len(former)
