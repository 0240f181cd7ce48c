"""The words of advice: levels, states of a version, kinds of emergency number."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Level(models.IntegerChoices):
    """How much care a country asks for. Told by number, words and shape, never by colour alone."""

    USUAL_CARE = 1, _("Take the usual care")
    MORE_CARE = 2, _("Take more care than usual")
    AVOID = 3, _("Avoid travel that is not essential")
    DO_NOT_TRAVEL = 4, _("Do not travel")


class AdviceState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("advice", "Draft")
    PUBLISHED = "published", pgettext_lazy("advice", "Published")
    SUPERSEDED = "superseded", pgettext_lazy("advice", "Superseded")


# What was once advised is never changed: who wants to know what stood there when finds it.
ADVICE_TRANSITIONS: dict[str, frozenset[str]] = {
    AdviceState.DRAFT: frozenset({AdviceState.PUBLISHED}),
    AdviceState.PUBLISHED: frozenset({AdviceState.SUPERSEDED}),
    AdviceState.SUPERSEDED: frozenset(),
}


class NumberKind(models.TextChoices):
    """Whom a local emergency number reaches, in the order of the page."""

    GENERAL = "general", _("All emergencies")
    POLICE = "police", _("Police")
    AMBULANCE = "ambulance", _("Ambulance")
    FIRE = "fire", _("Fire brigade")
    TOURIST_POLICE = "tourist_police", _("Tourist police")
    OTHER = "other", _("Other help")


class AnnouncementKind(models.TextChoices):
    URGENT = "urgent", _("At once")
    DIGEST = "digest", _("In the digest of the day")
