"""A crisis and where it is."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Post, User
from crises.enums import AreaSource, CrisisState
from crises.querysets import CrisisQuerySet
from geography.areas import Area
from privacy.declarations import declare

# Whoever opens a link days after the end still reaches the post, and may still answer.
LINK_GRACE = timedelta(days=14)
WITH_CRISIS = "Until the crisis's own purge date, 90 days after it closes"


class Crisis(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=120)
    is_drill = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=CrisisState.choices, default=CrisisState.OPEN)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, related_name="+")
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    purge_on = models.DateField(null=True, blank=True)
    # ISO 3166 alpha-2: those that the area touches. Whose posts may act follows from them.
    countries = ArrayField(models.CharField(max_length=2), default=list)

    objects: ClassVar[models.Manager[Crisis]] = CrisisQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "-opened_at"], name="crisis_by_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=CrisisState.values), name="crisis_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=CrisisState.OPEN, closed_at__isnull=True)
                | Q(state=CrisisState.CLOSED, closed_at__isnull=False, purge_on__isnull=False),
                name="crisis_closed_with_its_dates",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state == CrisisState.OPEN

    @property
    def links_expire_at(self) -> datetime | None:
        return self.closed_at + LINK_GRACE if self.closed_at else None

    @property
    def links_have_expired(self) -> bool:
        return self.links_expire_at is not None and self.links_expire_at <= timezone.now()


declare(
    Crisis,
    purpose="Hold together what is done about one crisis",
    retention="The crisis itself is kept; what hangs on it goes at its purge date",
    plain={
        "id", "title", "is_drill", "state", "post", "opened_by", "opened_at", "closed_at",
        "purge_on",
    },
    derived={"countries"},
)  # fmt: skip


class AffectedArea(models.Model):
    """One version of where the crisis is. Never changed: another area is another row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    crisis = models.ForeignKey(Crisis, on_delete=models.CASCADE, related_name="areas")
    geojson = models.JSONField()
    digest = models.CharField(max_length=64)
    source = models.CharField(max_length=10, choices=AreaSource.choices)
    label = models.CharField(max_length=200)
    # Facts of the alert it came from (identifier, sender, urgency ...); empty where it was typed.
    alert = models.JSONField(default=dict, blank=True)
    countries = ArrayField(models.CharField(max_length=2), default=list)
    # The clock on the wall there, for the first line of a notice.
    time_zone = models.CharField(max_length=48, default="UTC")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["crisis", "-created_at"], name="area_newest_first")]

    def __str__(self) -> str:
        return self.label

    @cached_property
    def area(self) -> Area:
        return Area.from_geojson(self.geojson)


declare(
    AffectedArea,
    purpose="Know where the crisis is",
    retention=WITH_CRISIS,
    plain={
        "id", "crisis", "geojson", "source", "label", "alert", "created_by", "created_at",
    },
    derived={"digest", "countries", "time_zone"},
)  # fmt: skip


class AlertImport(models.Model):
    """What an alert file said, kept while an officer looks at it. A public text."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    facts = models.JSONField()
    geojson = models.JSONField()
    expires = models.DateTimeField(null=True, blank=True)
    is_drill = models.BooleanField()
    imported_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    imported_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.id)

    @cached_property
    def area(self) -> Area:
        return Area.from_geojson(self.geojson)


declare(
    AlertImport,
    purpose="Look at an alert file before a crisis is opened from it",
    retention="One day",
    plain={"id", "facts", "geojson", "expires", "is_drill", "imported_by", "imported_at"},
)
