"""What is said to whom in a crisis, and who approved it."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from crises.enums import (
    UNDER_WAY,
    Certainty,
    NoticeKind,
    NoticeState,
    Severity,
    Urgency,
)
from crises.models.crises import CRISIS, WITH_CRISIS, AffectedArea, Crisis
from crises.querysets import NoticeQuerySet
from notifications.models import Message
from privacy.declarations import declare
from privacy.fields import SealedTextField
from privacy.processing import DataSubject, LegalBasis


class Notice(models.Model):
    """What is to be said, to whom, and who approved it. A change is a new version."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    crisis = models.ForeignKey(
        Crisis, on_delete=models.CASCADE, related_name="notices", db_index=False
    )
    version = models.PositiveSmallIntegerField(_("version"))
    # To everyone registered there, or to the focal points, who pass it on.
    kind = models.CharField(
        _("kind"), max_length=10, choices=NoticeKind.choices, default=NoticeKind.NOTICE
    )
    area = models.ForeignKey(
        AffectedArea,
        on_delete=models.PROTECT,
        verbose_name=_("affected area"),
        related_name="notices",
    )
    window_start = models.DateTimeField(_("from"))
    window_end = models.DateTimeField(_("until"))
    classes = ArrayField(models.CharField(max_length=12), verbose_name=_("to whom"))
    urgency = models.CharField(
        _("urgency"), max_length=10, choices=Urgency.choices, default=Urgency.UNKNOWN
    )
    severity = models.CharField(
        _("severity"), max_length=10, choices=Severity.choices, default=Severity.UNKNOWN
    )
    certainty = models.CharField(
        _("certainty"), max_length=10, choices=Certainty.choices, default=Certainty.UNKNOWN
    )
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=NoticeState.choices, default=NoticeState.DRAFT
    )
    author = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("written by"), related_name="+"
    )
    written_at = models.DateTimeField(_("written at"), default=timezone.now)
    submitted_at = models.DateTimeField(_("approval asked for at"), null=True, blank=True)
    approver = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("approved by"), null=True, related_name="+"
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    break_glass_reason = SealedTextField(
        _("why it was sent alone"), seal="crises.notice.break_glass_reason", null=True
    )
    returned_reason = models.CharField(_("why it was given back"), max_length=1000, blank=True)
    # Messages, and people, as they stood when approval was asked for.
    previewed_count = models.PositiveIntegerField(_("messages foreseen"), null=True, blank=True)
    previewed_people = models.PositiveIntegerField(_("people foreseen"), null=True, blank=True)
    previewed_at = models.DateTimeField(_("counted at"), null=True, blank=True)
    # Of the count that was submitted, for the cost: the share of text messages among the
    # messages, and of each language and country (of the stay) among the people.
    # Nothing in an exercise, which shows no exact count.
    sms_shares = models.JSONField(_("shares of text messages"), null=True, blank=True)
    # The messages that were approved; kept when a freeze found too different a number.
    approved_count = models.PositiveIntegerField(_("messages approved"), null=True, blank=True)
    # Those reported by others, or not proved, as they stood then: left out, unless the approver
    # includes them in mortal danger (GDPR article 6(1)(d)).
    reported_people = models.PositiveIntegerField(
        _("people only others told us about"), null=True, blank=True
    )
    reported_messages = models.PositiveIntegerField(
        _("messages to people only others told us about"), null=True, blank=True
    )
    vital_interest = models.BooleanField(_("sent on vital interest"), default=False)
    # What was approved: the area as the approver saw it, and all the rest.
    area_digest = models.CharField(_("digest of the area"), max_length=64, blank=True)
    content_digest = models.CharField(_("digest of the words"), max_length=64, blank=True)
    frozen_count = models.PositiveIntegerField(_("messages"), null=True, blank=True)
    frozen_people = models.PositiveIntegerField(_("people"), null=True, blank=True)
    # How many of those people have been erased since: nothing else of them stands here.
    erased_people = models.PositiveIntegerField(_("people erased since"), default=0)
    frozen_at = models.DateTimeField(_("recipients settled at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    message = models.OneToOneField(
        Message, on_delete=models.PROTECT, verbose_name=_("message"), null=True, related_name="+"
    )

    objects: ClassVar[models.Manager[Notice]] = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["crisis", "version"], name="notice_version_once"),
            models.CheckConstraint(
                condition=Q(state__in=NoticeState.values), name="notice_state_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=NoticeKind.values), name="notice_kind_known"
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
                condition=Q(vital_interest=False)
                | Q(
                    kind=NoticeKind.NOTICE,
                    urgency=Urgency.IMMEDIATE,
                    severity__in=[Severity.EXTREME, Severity.SEVERE],
                    approver__isnull=False,
                ),
                name="notice_vital_interest_only_in_extremity",
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
    def may_warn_reported(self) -> bool:
        """Whether its approval may include people whom others reported, or nobody proved.

        Never in an exercise: nobody's life is in danger.
        """
        is_real = self.kind == NoticeKind.NOTICE and not self.crisis.is_drill
        return self.is_extreme and is_real

    @property
    def approval_stands(self) -> bool:
        """Asked again by the worker, whatever the state says."""
        return self.approver_id is not None and (
            self.approver_id != self.author_id or self.break_glass_reason is not None
        )

    def digest_of_content(self) -> str:
        """Hex SHA-256 over all that an approver approves: to whom, area, window, facts, texts."""
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
        if self.kind != NoticeKind.NOTICE:
            content.append(self.kind)  # At the end: what was approved before there were kinds
            # keeps its digest.
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


declare(
    Notice,
    purpose=CRISIS,
    retention=WITH_CRISIS,
    about={DataSubject.STAFF},
    basis=LegalBasis.PUBLIC_TASK,
    sealed={"break_glass_reason"},
    plain={
        "id", "crisis", "version", "kind", "area", "window_start", "window_end", "classes",
        "urgency", "severity", "certainty", "expires_at", "state", "author", "written_at",
        "submitted_at", "approver", "approved_at", "returned_reason", "previewed_count",
        "previewed_people", "previewed_at", "sms_shares", "reported_people", "reported_messages",
        "vital_interest", "approved_count", "frozen_people", "frozen_count",
        "frozen_at", "finished_at", "message", "erased_people",
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
    purpose=CRISIS,
    retention=WITH_CRISIS,
    about=(),
    plain={"id", "notice", "language", "subject", "body", "sms"},
)
