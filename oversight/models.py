"""Alarms, the mail that tells of them, and what is known of the chain. No person stands here."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from audit.actors import ActorKind
from audit.models import Head
from notifications.watching.models import Trouble
from oversight.enums import AlarmKind, AlarmOutcome
from privacy.declarations import declare
from privacy.fields import SealedTextField
from privacy.periods import Period
from privacy.processing import DataSubject, LegalBasis

# As long as a breach is usually looked into.
ALARMS_KEPT = dt.timedelta(days=730)
TRACES_KEPT = dt.timedelta(days=30)
_WATCH = _("Notice who reads far more than their work needs, and whoever alters the ledger")


def _alarms_kept() -> str:
    return ngettext(
        "For %(days)d day after it was looked into.",
        "For %(days)d days after it was looked into.",
        ALARMS_KEPT.days,
    ) % {"days": ALARMS_KEPT.days}


def _traces_kept() -> str:
    return ngettext("For %(days)d day.", "For %(days)d days.", TRACES_KEPT.days) % {
        "days": TRACES_KEPT.days
    }


class LedgerMark(models.Model):
    """Up to which seal the ledger was looked at. One row.

    Entries come under a seal when they are committed, so that none is passed over that was
    written before the last look and committed after it.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    position = models.BigIntegerField(_("position"), default=0)
    moved_at = models.DateTimeField(_("moved at"), default=timezone.now)

    class Meta:
        verbose_name = _("mark in the ledger")
        verbose_name_plural = _("marks in the ledger")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="ledger_mark_is_one")]

    def __str__(self) -> str:
        return str(self.position)


declare(
    LedgerMark,
    purpose=_WATCH,
    retention=_("While the portal runs."),
    about=(),
    plain={"id", "position", "moved_at"},
)


class AlarmQuerySet(models.QuerySet["Alarm"]):
    def waiting(self) -> Self:
        """Nobody has looked into it yet."""
        return self.filter(seen_at=None)


class Alarm(models.Model):
    """Something that a data protection officer must look into. While it waits, it grows: the same
    actor's further acts of the same kind raise no second one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=AlarmKind)
    # As the ledger names them.
    actor_kind = models.CharField(_("kind of actor"), max_length=16, choices=ActorKind, blank=True)
    actor_id = models.CharField(_("actor"), max_length=64, blank=True)
    actor_role = models.CharField(_("role"), max_length=32, blank=True)
    actor_post = models.UUIDField(_("post"), null=True, blank=True)
    # Of the fullest window: people, areas or acts, by the kind; and how many acts it took.
    count = models.PositiveIntegerField(_("number"))
    acts = models.PositiveIntegerField(_("acts"))
    threshold = models.PositiveIntegerField(_("more than"))
    first_at = models.DateTimeField(_("first act at"))
    last_at = models.DateTimeField(_("last act at"))
    # Once it is handled, only what is sealed after this counts towards the next.
    counted_to = models.BigIntegerField(_("counted up to seal"), default=0)
    raised_at = models.DateTimeField(_("raised at"), default=timezone.now)
    seen_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("looked into by"), null=True, related_name="+"
    )
    seen_at = models.DateTimeField(_("looked into at"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=AlarmOutcome, blank=True)
    finding = SealedTextField(
        _("what was found"), seal="oversight.alarm.finding", null=True, blank=True
    )

    objects: ClassVar[models.Manager[Alarm]] = AlarmQuerySet.as_manager()

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        indexes = [
            models.Index(fields=["-raised_at"], name="alarm_raised_at"),
            models.Index(fields=["actor_kind", "actor_id", "kind"], name="alarm_actor"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "actor_kind", "actor_id", "first_at", "counted_to"],
                name="alarm_is_raised_once",
            ),
            models.CheckConstraint(
                condition=Q(seen_at=None, seen_by=None, outcome="")
                | (Q(seen_at__isnull=False, seen_by__isnull=False) & ~Q(outcome="")),
                name="alarm_seen_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(count__gt=F("threshold")), name="alarm_is_above_threshold"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.raised_at:%Y-%m-%d %H:%M}"


declare(
    Alarm,
    purpose=_WATCH,
    retention=Period(_alarms_kept, lambda: ALARMS_KEPT.days),
    about={DataSubject.STAFF},
    basis=LegalBasis.LEGAL_OBLIGATION,
    sealed={"finding"},
    plain={
        "id", "kind", "actor_kind", "actor_id", "actor_role", "actor_post", "count", "acts",
        "threshold", "first_at", "last_at", "counted_to", "raised_at", "seen_by", "seen_at",
        "outcome",
    },
)  # fmt: skip


class OverseerMail(models.Model):
    """One mail to one of those who oversee: about an alarm, a trouble with sending that began or
    has ended, or with the heads of past days.

    The row is the mail: a mail server that is down delays it and never loses it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recipient = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("to"))
    alarm = models.ForeignKey(Alarm, models.CASCADE, null=True, related_name="mails")
    head = models.ForeignKey(Head, models.PROTECT, null=True, related_name="+")
    trouble = models.ForeignKey(Trouble, models.CASCADE, null=True, related_name="+")
    has_ended = models.BooleanField(_("tells that it has ended"), default=False)
    made_at = models.DateTimeField(_("written at"), default=timezone.now)
    due_at = models.DateTimeField(_("due at"), default=timezone.now)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("mail to those who oversee")
        verbose_name_plural = _("mails to those who oversee")
        indexes = [
            models.Index(fields=["due_at"], name="overseer_mail_due", condition=Q(sent_at=None))
        ]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "alarm"], name="overseer_mail_of_alarm"),
            models.UniqueConstraint(fields=["recipient", "head"], name="overseer_mail_of_head"),
            models.UniqueConstraint(
                fields=["recipient", "trouble", "has_ended"], name="overseer_mail_of_trouble"
            ),
            models.CheckConstraint(
                condition=Q(alarm__isnull=False, head=None, trouble=None)
                | Q(alarm=None, head__isnull=False, trouble=None)
                | Q(alarm=None, head=None, trouble__isnull=False),
                name="overseer_mail_is_about_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


declare(
    OverseerMail,
    purpose=_WATCH,
    retention=Period(_traces_kept, lambda: TRACES_KEPT.days),
    about={DataSubject.STAFF},
    basis=LegalBasis.LEGAL_OBLIGATION,
    plain={
        "id", "recipient", "alarm", "head", "trouble", "has_ended", "made_at", "due_at", "tries",
        "sent_at",
    },
)  # fmt: skip


class Verification(models.Model):
    """One walk along the chain, and how far it got. A walk that was interrupted is gone on with."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    is_whole = models.BooleanField(_("from the first seal"))
    began_at = models.DateTimeField(_("began at"), default=timezone.now)
    moved_at = models.DateTimeField(_("moved at"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    position = models.BigIntegerField(_("position"), default=0)
    digest = models.BinaryField(max_length=32)
    entries = models.PositiveBigIntegerField(_("entries"), default=0)
    breaks = models.PositiveIntegerField(_("breaks"), default=0)
    # The first of them, as verify_ledger words them.
    told = models.JSONField(_("first breaks"), default=list)

    class Meta:
        verbose_name = _("verification of the ledger")
        verbose_name_plural = _("verifications of the ledger")
        indexes = [models.Index(fields=["-began_at"], name="verification_began_at")]

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d %H:%M}"


declare(
    Verification,
    purpose=_WATCH,
    retention=Period(_traces_kept, lambda: TRACES_KEPT.days),
    about=(),
    plain={
        "id", "is_whole", "began_at", "moved_at", "finished_at", "position", "entries", "breaks",
        "told",
    },
    derived={"digest"},
)  # fmt: skip
