"""Alarms: raised once, grown while they wait, and looked into by a data protection officer."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose
from oversight.actions.mailing import queue_mails
from oversight.counting import Stretch
from oversight.enums import AlarmKind, AlarmOutcome
from oversight.models import Alarm

logger = logging.getLogger(__name__)
WATCH = Actor.system("oversight")


class AlreadyHandled(Exception):
    """Another data protection officer was faster."""


@dataclass(frozen=True, slots=True)
class Who:
    """The actor as the ledger names them; nobody where the portal itself found something."""

    kind: str = ""
    id: str = ""
    role: str = ""
    post: UUID | None = None


def raise_alarm(
    *,
    kind: AlarmKind,
    who: Who,
    stretch: Stretch,
    threshold: int,
    window: dt.timedelta,
    counted_to: int,
) -> Alarm:
    """Raise an alarm, or let the one grow that waits for the same actor and the same time.

    To be called by one process at a time, within a transaction.
    """
    alarm = (
        Alarm.objects.waiting()
        .filter(
            kind=kind,
            actor_kind=who.kind,
            actor_id=who.id,
            last_at__gte=stretch.since - window,
            first_at__lte=stretch.until + window,
        )
        .order_by("-last_at")
        .first()
    )
    if alarm is None:
        return _raise(kind, who, stretch, threshold, counted_to)
    if stretch.count >= alarm.count:
        alarm.count, alarm.acts = stretch.count, stretch.acts
    alarm.first_at = min(alarm.first_at, stretch.since)
    alarm.last_at = max(alarm.last_at, stretch.until)
    alarm.counted_to = counted_to
    alarm.save(update_fields=["count", "acts", "first_at", "last_at", "counted_to"])
    return alarm


def _raise(kind: AlarmKind, who: Who, stretch: Stretch, threshold: int, counted_to: int) -> Alarm:
    alarm = Alarm.objects.create(
        kind=kind,
        actor_kind=who.kind,
        actor_id=who.id,
        actor_role=who.role,
        actor_post=who.post,
        count=stretch.count,
        acts=stretch.acts,
        threshold=threshold,
        first_at=stretch.since,
        last_at=stretch.until,
        counted_to=counted_to,
    )
    told = queue_mails(role=Role.DATA_PROTECTION_OFFICER, alarm=alarm)
    record(
        action="alarm.raise",
        by=WATCH,
        purpose=Purpose.OVERSIGHT,
        object_type="oversight.alarm",
        object_id=alarm.pk,
        details={"kind": kind, "count": stretch.count, "limit": threshold, "told": told},
    )
    logger.warning("Alarm %s: %s", alarm.pk, kind)
    return alarm


@transaction.atomic
def handle_alarm(*, alarm: Alarm, outcome: AlarmOutcome | str, finding: str, by: User) -> Alarm:
    """Say what was found. Raises AlreadyHandled."""
    alarm = Alarm.objects.select_for_update().get(pk=alarm.pk)
    if alarm.seen_at is not None:
        raise AlreadyHandled
    alarm.seen_by, alarm.seen_at = by, timezone.now()
    alarm.outcome, alarm.finding = AlarmOutcome(outcome), finding.strip()
    alarm.save(update_fields=["seen_by", "seen_at", "outcome", "finding"])
    record(
        action="alarm.handle",
        by=by,
        purpose=Purpose.OVERSIGHT,
        object_type="oversight.alarm",
        object_id=alarm.pk,
        details={"kind": alarm.kind, "outcome": alarm.outcome},
    )
    return alarm
