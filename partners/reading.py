"""Which crises an agency reads, each with the words of its newest notice sent."""

from __future__ import annotations

from django.db import models
from django.db.models import OuterRef, Subquery

from crises.enums import NoticeState
from crises.models import Crisis, Notice

CAP_FIELDS = ("urgency", "severity", "certainty")


def crises_for_agencies() -> models.QuerySet[Crisis]:
    """Published crises, annotated with CAP's three words; null before the first notice sent."""
    newest = Notice.objects.filter(
        crisis=OuterRef("pk"), state__in=[NoticeState.SENDING, NoticeState.SENT]
    ).order_by("-version")
    words = {name: Subquery(newest.values(name)[:1]) for name in CAP_FIELDS}
    published: models.QuerySet[Crisis] = Crisis.objects.published_to_agencies()
    return published.annotate(**words)
