"""A crisis, where it is, what is said to whom about it, and what the people answer.

Of the people themselves only identifiers stand here; who they are, registrations alone knows.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Post, User
from crises.enums import (
    UNDER_WAY,
    AnsweredVia,
    AreaSource,
    Certainty,
    Choice,
    CrisisState,
    NoticeState,
    Severity,
    Urgency,
)
from crises.querysets import AnswerQuerySet, CrisisQuerySet, NoticeQuerySet
from geography.areas import Area
from notifications.models import Message
from privacy.declarations import declare
from privacy.fields import SealedTextField

# Whoever opens a link days after the end still reaches the post, and may still answer.
LINK_GRACE = timedelta(days=14)
_WITH_CRISIS = "Until the crisis's own purge date, 90 days after it closes"


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
    retention=_WITH_CRISIS,
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


class Notice(models.Model):
    """What is to be said, to whom, and who approved it. A change is a new version."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    crisis = models.ForeignKey(
        Crisis, on_delete=models.CASCADE, related_name="notices", db_index=False
    )
    version = models.PositiveSmallIntegerField()
    area = models.ForeignKey(AffectedArea, on_delete=models.PROTECT, related_name="notices")
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    classes = ArrayField(models.CharField(max_length=12))
    urgency = models.CharField(max_length=10, choices=Urgency.choices, default=Urgency.UNKNOWN)
    severity = models.CharField(max_length=10, choices=Severity.choices, default=Severity.UNKNOWN)
    certainty = models.CharField(
        max_length=10, choices=Certainty.choices, default=Certainty.UNKNOWN
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=NoticeState.choices, default=NoticeState.DRAFT)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    approver = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    break_glass_reason = SealedTextField(seal="crises.notice.break_glass_reason", null=True)
    returned_reason = models.CharField(max_length=1000, blank=True)
    # Messages, and people, as they stood when approval was asked for.
    previewed_count = models.PositiveIntegerField(null=True, blank=True)
    previewed_people = models.PositiveIntegerField(null=True, blank=True)
    previewed_at = models.DateTimeField(null=True, blank=True)
    # The messages that were approved; kept when a freeze found too different a number.
    approved_count = models.PositiveIntegerField(null=True, blank=True)
    # What was approved: the area as the approver saw it, and all the rest.
    area_digest = models.CharField(max_length=64, blank=True)
    content_digest = models.CharField(max_length=64, blank=True)
    frozen_count = models.PositiveIntegerField(null=True, blank=True)
    frozen_people = models.PositiveIntegerField(null=True, blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    message = models.OneToOneField(Message, on_delete=models.PROTECT, null=True, related_name="+")

    objects: ClassVar[models.Manager[Notice]] = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["crisis", "version"], name="notice_version_once"),
            models.CheckConstraint(
                condition=Q(state__in=NoticeState.values), name="notice_state_known"
            ),
            models.CheckConstraint(
                condition=Q(window_end__gt=F("window_start")), name="notice_window_runs_forward"
            ),
            models.CheckConstraint(
                condition=Q(approver__isnull=True)
                | ~Q(approver=F("author"))
                | Q(break_glass_reason__isnull=False),
                name="notice_approved_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(
                    state__in=[
                        NoticeState.APPROVED,
                        NoticeState.FROZEN,
                        NoticeState.SENDING,
                        NoticeState.SENT,
                    ]
                )
                | Q(approver__isnull=False, approved_at__isnull=False),
                name="notice_under_way_is_approved",
            ),
            models.CheckConstraint(
                condition=Q(break_glass_reason__isnull=True)
                | Q(urgency=Urgency.IMMEDIATE, severity__in=[Severity.EXTREME, Severity.SEVERE]),
                name="notice_break_glass_only_in_extremity",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[*sorted(UNDER_WAY), NoticeState.SENT])
                | Q(message__isnull=False, frozen_count__isnull=False),
                name="notice_frozen_has_message",
            ),
        ]
        indexes = [
            # What the sweeper looks for: few rows, whatever has been sent before.
            models.Index(
                fields=["approved_at"],
                name="notice_under_way",
                condition=Q(
                    state__in=[NoticeState.APPROVED, NoticeState.FROZEN, NoticeState.SENDING]
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.crisis_id} v{self.version}"

    @property
    def is_extreme(self) -> bool:
        """Whether its author may, in need, send it alone."""
        return self.urgency == Urgency.IMMEDIATE and self.severity in {
            Severity.EXTREME,
            Severity.SEVERE,
        }

    @property
    def approval_stands(self) -> bool:
        """Asked again by the worker, whatever the state says."""
        return self.approver_id is not None and (
            self.approver_id != self.author_id or self.break_glass_reason is not None
        )

    def digest_of_content(self) -> str:
        """Hex SHA-256 over all that an approver approves: area, window, classes, facts, texts."""
        texts = self.texts.order_by("language").values_list("language", "subject", "body", "sms")
        content = [
            self.area.digest,
            self.window_start.isoformat(),
            self.window_end.isoformat(),
            sorted(self.classes),
            [self.urgency, self.severity, self.certainty],
            self.expires_at.isoformat() if self.expires_at else None,
            [list(text) for text in texts],
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


declare(
    Notice,
    purpose="Send the right words to the people there, approved by two officers",
    retention=_WITH_CRISIS,
    sealed={"break_glass_reason"},
    plain={
        "id", "crisis", "version", "area", "window_start", "window_end", "classes", "urgency",
        "severity", "certainty", "expires_at", "state", "author", "written_at", "submitted_at",
        "approver", "approved_at", "returned_reason", "previewed_count", "previewed_people",
        "previewed_at", "approved_count", "frozen_people",
        "frozen_count", "frozen_at", "finished_at", "message",
    },
    derived={"area_digest", "content_digest"},
)  # fmt: skip


class NoticeText(models.Model):
    """The officer's words in one language; the portal adds place, time, link and telephone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    notice = models.ForeignKey(
        Notice, on_delete=models.CASCADE, related_name="texts", db_index=False
    )
    language = models.CharField(max_length=8)
    subject = models.CharField(max_length=90)
    body = models.TextField()
    sms = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "language"], name="one_notice_text")
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.language}"


declare(
    NoticeText,
    purpose="Say it in each language",
    retention=_WITH_CRISIS,
    plain={"id", "notice", "language", "subject", "body", "sms"},
)


class Answer(models.Model):
    """What a person said after a notice. Never changed: another answer supersedes it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    crisis = models.ForeignKey(
        Crisis, on_delete=models.CASCADE, related_name="answers", db_index=False
    )
    person_id = models.UUIDField()
    delivery_id = models.UUIDField(null=True, blank=True)
    choice = models.CharField(max_length=10, choices=Choice.choices)
    note = SealedTextField(seal="crises.answer.note", owner="person_id", max_length=1000, null=True)
    whereabouts = SealedTextField(
        seal="crises.answer.whereabouts", owner="person_id", max_length=300, null=True
    )
    # Since when this person has asked for help in this crisis. A later "safe" flags the request
    # and never closes it, so it is carried on from answer to answer.
    help_asked_at = models.DateTimeField(null=True, blank=True)
    via = models.CharField(max_length=10, choices=AnsweredVia.choices)
    answered_at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[Answer]] = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["crisis", "person_id"],
                condition=Q(superseded_at__isnull=True),
                name="one_current_answer",
            ),
            models.CheckConstraint(
                condition=Q(choice__in=Choice.values), name="answer_choice_known"
            ),
            models.CheckConstraint(
                condition=~Q(choice=Choice.NEED_HELP) | Q(help_asked_at__isnull=False),
                name="answer_help_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["crisis", "person_id", "-answered_at"], name="answer_history"),
            models.Index(
                fields=["crisis", "help_asked_at"],
                name="answer_help",
                condition=Q(superseded_at__isnull=True, help_asked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


declare(
    Answer,
    purpose="Know who is safe, who needs help and who has left",
    retention=_WITH_CRISIS,
    sealed={"note", "whereabouts"},
    plain={
        "id", "crisis", "person_id", "delivery_id", "choice", "via", "answered_at",
        "superseded_at",
    },
    derived={"help_asked_at"},
)  # fmt: skip
