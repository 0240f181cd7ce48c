"""Tells the first page which crises are open and already known to the people there."""

from __future__ import annotations

from django.urls import reverse

from crises.enums import CrisisState
from crises.models import Crisis
from crises.telephones import posts_of_each
from registrations.current_crises import CurrentCrisis

_MOST = 10


def announced_crises() -> list[CurrentCrisis]:
    """Open ones of which a notice has gone out, no exercises: one query, as a rule.

    The same rule as for agencies: nobody learns of a crisis here before the people concerned.
    """
    crises = (
        Crisis.objects.filter(state=CrisisState.OPEN, is_drill=False)
        .told()
        .select_related("post")
        .order_by("-opened_at", "pk")[:_MOST]
    )
    return [
        CurrentCrisis(
            id=crisis.pk,
            title=crisis.title,
            url=reverse("register_in_crisis", args=[crisis.pk]),
            telephone=posts[0].telephone_24h if posts else "",
            countries=tuple(crisis.countries),
            relative_url=reverse("report_relative", args=[crisis.pk]),
            post=posts[0].name if posts else "",
        )
        for crisis, posts in posts_of_each(crises).items()
    ]
