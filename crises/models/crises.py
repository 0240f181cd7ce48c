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
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Post, User
from crises.enums import AreaSource, CrisisState
from crises.querysets import CrisisQuerySet
from geography.areas import Area
from privacy.declarations import declare
from privacy.periods import Period
from privacy.processing import DataSubject, LegalBasis

# Whoever opens a link days after the end still reaches the post, and may still answer.
LINK_GRACE = timedelta(days=14)
# What hangs on a crisis is erased that long after it was closed.
PURGE_AFTER = timedelta(days=90)


def _until_purged() -> str:
    return ngettext(
        "Until %(days)d day after the crisis is closed.",
        "Until %(days)d days after the crisis is closed.",
        PURGE_AFTER.days,
    ) % {"days": PURGE_AFTER.days}


WITH_CRISIS = Period(_until_purged, lambda: PURGE_AFTER.days)
# What a crisis and its notices are there for.
CRISIS = _("Warn and assist people in a crisis, and know which officer decided what")


class Crisis(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(_("title"), max_length=120)
    is_drill = models.BooleanField(_("a drill"), default=False)
    state = models.CharField(
        _("state"), max_length=10, choices=CrisisState.choices, default=CrisisState.OPEN
    )
    post = models.ForeignKey(
        Post, on_delete=models.PROTECT, verbose_name=_("post"), null=True, related_name="+"
    )
    opened_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("opened by"), related_name="+"
    )
    opened_at = models.DateTimeField(_("opened at"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    purge_on = models.DateField(_("erased on"), null=True, blank=True)
    # ISO 3166 alpha-2: those that the area touches. Whose posts may act follows from them.
    countries = ArrayField(
        models.CharField(max_length=2), verbose_name=_("countries"), default=list
    )

    objects: ClassVar[models.Manager[Crisis]] = CrisisQuerySet.as_manager()

    class Meta:
        verbose_name = _("crisis")
        verbose_name_plural = _("crises")
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
    purpose=CRISIS,
    retention=_("Kept: when and where a crisis was is no secret. What hangs on it is erased."),
    about={DataSubject.STAFF},
    basis=LegalBasis.PUBLIC_TASK,
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
    geojson = models.JSONField(_("area"))
    digest = models.CharField(_("digest"), max_length=64)
    source = models.CharField(_("source"), max_length=10, choices=AreaSource.choices)
    label = models.CharField(_("name"), max_length=200)
    # Facts of the alert it came from (identifier, sender, urgency ...); empty where it was typed.
    alert = models.JSONField(_("facts of the alert"), default=dict, blank=True)
    countries = ArrayField(
        models.CharField(max_length=2), verbose_name=_("countries"), default=list
    )
    # The clock on the wall there, for the first line of a notice.
    time_zone = models.CharField(_("time zone"), max_length=48, default="UTC")
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("drawn by"), related_name="+"
    )
    created_at = models.DateTimeField(_("drawn at"), default=timezone.now)

    class Meta:
        verbose_name = _("affected area")
        verbose_name_plural = _("affected areas")
        indexes = [models.Index(fields=["crisis", "-created_at"], name="area_newest_first")]

    def __str__(self) -> str:
        return self.label

    @cached_property
    def area(self) -> Area:
        return Area.from_geojson(self.geojson)


declare(
    AffectedArea,
    purpose=CRISIS,
    retention=WITH_CRISIS,
    about={DataSubject.STAFF},
    basis=LegalBasis.PUBLIC_TASK,
    plain={
        "id", "crisis", "geojson", "source", "label", "alert", "created_by", "created_at",
    },
    derived={"digest", "countries", "time_zone"},
)  # fmt: skip
