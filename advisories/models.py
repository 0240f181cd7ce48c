"""A country's page in its versions: level, words in each language, local emergency numbers.

Nothing here is about a person who travels; whom a change is told, registrations alone knows.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from advisories.enums import AdviceState, AnnouncementKind, Level, NumberKind
from advisories.querysets import AdviceQuerySet
from advisories.validation import DIALLED
from notifications.models import Message
from privacy.declarations import declare
from privacy.processing import DataSubject, LegalBasis

_KEPT = _("Kept: what was advised on a day must be found later.")
_ADVISE = _("Advise who travels how a country is, and know which officer said so and when")


class Announcement(models.Model):
    """One sending of changes: of one country at once, or of the day's countries together."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=AnnouncementKind)
    # The digest's day in UTC. Unique, so that no second digest goes out on it.
    day = models.DateField(null=True, unique=True)
    # Gone once the message's own retention has run out.
    message = models.OneToOneField(Message, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=AnnouncementKind.DIGEST, day__isnull=False)
                | Q(kind=AnnouncementKind.URGENT, day__isnull=True),
                name="announcement_digest_has_its_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.made_at:%Y-%m-%d}"


declare(
    Announcement,
    purpose=_ADVISE,
    retention=_KEPT,
    about=(),
    plain={"id", "kind", "day", "message", "made_at"},
)


class Advice(models.Model):
    """One version of a country's page. What has been published is never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    country = models.CharField(_("country"), max_length=2)
    version = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(
        _("state"), max_length=10, choices=AdviceState, default=AdviceState.DRAFT
    )
    level = models.PositiveSmallIntegerField(_("level"), choices=Level, default=Level.USUAL_CARE)
    # An urgent change is told at once, any other with the digest of the day.
    is_urgent = models.BooleanField(_("urgent"), default=False)
    written_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("written by"), related_name="+"
    )
    written_at = models.DateTimeField(_("written at"), default=timezone.now)
    published_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("published by"), null=True, related_name="+"
    )
    published_at = models.DateTimeField(_("published at"), null=True)
    superseded_at = models.DateTimeField(_("superseded at"), null=True)
    # When somebody last found that every word still holds, and when to look again.
    checked_on = models.DateField(_("checked on"), null=True)
    review_on = models.DateField(_("to be checked by"))
    announcement = models.ForeignKey(
        Announcement,
        models.PROTECT,
        verbose_name=_("announcement"),
        null=True,
        related_name="changes",
    )

    objects: ClassVar[models.Manager[Advice]] = AdviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("advice")
        verbose_name_plural = _("advice")
        constraints = [
            models.UniqueConstraint(fields=["country", "version"], name="advice_version_once"),
            models.UniqueConstraint(
                fields=["country"],
                condition=Q(state=AdviceState.PUBLISHED),
                name="one_published_advice",
            ),
            models.UniqueConstraint(
                fields=["country"], condition=Q(state=AdviceState.DRAFT), name="one_draft_of_advice"
            ),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"), name="advice_country_is_code"
            ),
            models.CheckConstraint(
                condition=Q(level__in=Level.values), name="advice_level_is_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    state=AdviceState.DRAFT,
                    published_by__isnull=True,
                    published_at__isnull=True,
                    superseded_at__isnull=True,
                )
                | Q(
                    state=AdviceState.PUBLISHED,
                    published_by__isnull=False,
                    published_at__isnull=False,
                    checked_on__isnull=False,
                    superseded_at__isnull=True,
                )
                | Q(
                    state=AdviceState.SUPERSEDED,
                    published_by__isnull=False,
                    published_at__isnull=False,
                    superseded_at__isnull=False,
                ),
                name="advice_state_has_its_dates",
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("written_by")),
                name="advice_published_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.version}"

    @property
    def is_draft(self) -> bool:
        return self.state == AdviceState.DRAFT

    @property
    def is_superseded(self) -> bool:
        return self.state == AdviceState.SUPERSEDED

    def is_due_for_review(self, today: dt.date) -> bool:
        return self.review_on <= today


declare(
    Advice,
    purpose=_ADVISE,
    retention=_KEPT,
    about={DataSubject.STAFF},
    basis=LegalBasis.PUBLIC_TASK,
    plain={
        "id", "country", "version", "state", "level", "is_urgent", "written_by", "written_at",
        "published_by", "published_at", "superseded_at", "checked_on", "review_on",
        "announcement",
    },
)  # fmt: skip


class AdviceText(models.Model):
    """The officer's words in one language. A public text: nothing personal stands in it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Without an index of its own: the unique constraint's begins with the advice.
    advice = models.ForeignKey(
        Advice, on_delete=models.CASCADE, related_name="texts", db_index=False
    )
    language = models.CharField(max_length=8)
    summary = models.TextField()
    changed = models.TextField(blank=True)
    safety = models.TextField(blank=True)
    entry = models.TextField(blank=True)
    health = models.TextField(blank=True)
    laws = models.TextField(blank=True)
    # One thing to do before leaving on each line, besides those of every country.
    before_leaving = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["advice", "language"], name="one_advice_text")
        ]

    def __str__(self) -> str:
        return f"{self.advice_id} {self.language}"

    @property
    def own_checklist(self) -> list[str]:
        """The country's own lines, those of every country left out."""
        return [line.strip() for line in self.before_leaving.splitlines() if line.strip()]


declare(
    AdviceText,
    purpose=_ADVISE,
    retention=_KEPT,
    about=(),
    plain={
        "id", "advice", "language", "summary", "changed", "safety", "entry", "health", "laws",
        "before_leaving",
    },
)  # fmt: skip


class EmergencyNumber(models.Model):
    """A number of the country itself, as it is dialled there: often three digits, not E.164."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    advice = models.ForeignKey(Advice, on_delete=models.CASCADE, related_name="numbers")
    kind = models.CharField(max_length=16, choices=NumberKind)
    number = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number__regex=DIALLED), name="emergency_number_can_be_dialled"
            )
        ]

    def __str__(self) -> str:
        return self.number


declare(
    EmergencyNumber,
    purpose=_ADVISE,
    retention=_KEPT,
    about=(),
    plain={"id", "advice", "kind", "number", "position"},
)
