"""Reminding people of their stays, once each, and ending what nobody answers for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from audit.actors import Actor
from audit.journal import journal
from audit.ledger import record, record_bulk
from audit.purposes import Purpose
from notifications.actions import create_message, freeze
from notifications.enums import Lane
from notifications.templates import TextOf
from registrations.models import Person, Stay
from registrations.querysets import StayQuerySet
from registrations.reminders import (
    REMINDER,
    REMINDER_DAYS,
    about_to_end,
    given_up,
    may_be_reminded,
    unconfirmed,
)
from registrations.retention import held_back
from registrations.texts import ending_texts, yearly_texts

# A question about a residence is worth sending late; one about the last days is not.
_YEARLY_LIFETIME = dt.timedelta(days=30)
_ENDING_LIFETIME = dt.timedelta(days=REMINDER_DAYS + 1)


def remind_of_ends(*, by: Actor, now: dt.datetime | None = None, batch: int = 1000) -> int:
    """Send a reminder of each stay that is about to end; return how many.

    The marks of a batch and its message are committed together: a run that is killed goes on in
    the next one, and nobody is reminded twice.
    """
    moment = now or timezone.now()

    def remind(ids: Sequence[UUID]) -> int:
        stays = may_be_reminded(Stay.objects.filter(pk__in=ids))
        sent = _send(stays, ending_texts(), moment + _ENDING_LIFETIME, by)
        Stay.objects.filter(pk__in=ids).update(reminded_at=moment)
        return sent

    return _in_batches(may_be_reminded(about_to_end(moment)), remind, batch)


def ask_residents(*, by: Actor, now: dt.datetime | None = None, batch: int = 1000) -> int:
    """Ask of each residence that a year has passed over whether it is still right.

    Returns how many were asked. The year counts for those too who cannot or must not be asked:
    nobody's data is kept for ever because they stopped the reminders.
    """
    moment = now or timezone.now()

    def ask(ids: Sequence[UUID]) -> int:
        stays = may_be_reminded(Stay.objects.filter(pk__in=ids))
        sent = _send(stays, yearly_texts(), moment + _YEARLY_LIFETIME, by)
        Stay.objects.filter(pk__in=ids).update(
            asked_at=moment, asked_in_vain=F("asked_in_vain") + 1
        )
        return sent

    return _in_batches(unconfirmed(moment), ask, batch)


def end_unanswered(*, by: Actor, now: dt.datetime | None = None, batch: int = 500) -> int:
    """End the residences of which two yearly questions were in vain; return how many.

    They are erased as every stay that has ended. Whoever comes back before that finds the last day
    as it was planned. An open crisis holds them back.
    """
    moment = now or timezone.now()

    def end(ids: Sequence[UUID]) -> int:
        stays = list(Stay.objects.filter(pk__in=ids).order_by("pk"))
        held = held_back(stays)
        ended = [stay for stay in stays if stay.pk not in held]
        if not ended:
            return 0
        for stay in ended:
            stay.planned_end, stay.ends_on = stay.planned_end or stay.ends_on, moment.date()
        Stay.objects.bulk_update(ended, ["planned_end", "ends_on"])
        record(
            action="stay.expire",
            by=by,
            purpose=Purpose.MAINTENANCE,
            subjects={stay.person_id for stay in ended},
            object_type="registrations.stay",
            details={"stays": len(ended)},
        )
        return len(ended)

    return _in_batches(given_up(moment), end, batch)


@transaction.atomic
def stop_reminders(*, person_id: UUID, by: Actor, now: dt.datetime | None = None) -> bool:
    """Send this person no reminders any more. False when they had said so before."""
    stopped = Person.objects.filter(pk=person_id, reminders_stopped_at__isnull=True).update(
        reminders_stopped_at=now or timezone.now()
    )
    if stopped:
        journal("reminders.stopped", person_id=person_id)
        record(
            action="reminder.stop",
            by=by,
            purpose=Purpose.RIGHTS,
            subjects=[person_id],
            object_type="registrations.person",
        )
    return bool(stopped)


@transaction.atomic
def resume_reminders(*, person_id: UUID, by: Actor) -> bool:
    """Send this person reminders again. False when they had not stopped."""
    resumed = Person.objects.filter(pk=person_id, reminders_stopped_at__isnull=False).update(
        reminders_stopped_at=None
    )
    if resumed:
        journal("reminders.resumed", person_id=person_id)
        record(
            action="reminder.resume",
            by=by,
            purpose=Purpose.RIGHTS,
            subjects=[person_id],
            object_type="registrations.person",
        )
    return bool(resumed)


def _in_batches(due: StayQuerySet, act: Callable[[Sequence[UUID]], int], batch: int) -> int:
    """Act on what is due by ascending key, so that what stays due is passed over only once."""
    done = 0
    after: UUID | None = None
    while True:
        with transaction.atomic():
            rest = due if after is None else due.filter(pk__gt=after)
            ids = list(
                rest.order_by("pk")
                # Two runs at once share the work; a stay that is being changed waits for the next.
                .select_for_update(of=("self",), skip_locked=True)
                .values_list("pk", flat=True)[:batch]
            )
            if not ids:
                return done
            done += act(ids)
            after = ids[-1]


def _send(
    stays: QuerySet[Any, Any], texts: list[TextOf], expires_at: dt.datetime, by: Actor
) -> int:
    """One message to all of these; return how many they are."""
    if not stays.exists():
        return 0
    message = create_message(purpose=REMINDER, lane=Lane.ADVICE, texts=texts, expires_at=expires_at)
    sent = freeze(
        message,
        rows=stays.order_by().values_list("pk", "person_id", "channel", "person__language"),
    )
    record_bulk(
        action="reminder.send",
        by=by,
        purpose=Purpose.REGISTRATION,
        subject_query=stays.order_by().values("person_id").distinct(),
        object_type="notifications.message",
        object_id=message.pk,
        details={"stays": sent},
    )
    return sent
