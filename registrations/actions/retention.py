"""Erases stays that ended long enough ago, and whoever is left without any."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose
from registrations.actions.erasing import erase_person
from registrations.models import Person, Stay
from registrations.retention import first_kept_day, held_back


@dataclass(slots=True)
class Erased:
    """What a run did; `held` are stays kept because an open crisis touches them."""

    stays: int = 0
    people: int = 0
    held: int = 0


def erase_ended_stays(*, by: Actor, now: dt.datetime | None = None, batch: int = 500) -> Erased:
    """Erase in batches, each in a transaction of its own: an interrupted run goes on in the next.

    A batch is in the ledger about those who remain, the run with its totals.
    """
    done = Erased()
    for part in ended_in_batches(by=by, now=now or timezone.now(), batch=batch):
        done.stays += part.stays
        done.people += part.people
        done.held += part.held
    record(
        action="retention.run",
        by=by,
        purpose=Purpose.MAINTENANCE,
        object_type="registrations.stay",
        details={
            "stays": done.stays,
            "people": done.people,
            "held": done.held,
            "days": settings.STAY_RETENTION_DAYS,
        },
    )
    return done


def ended_in_batches(*, by: Actor, now: dt.datetime, batch: int = 500) -> Iterator[Erased]:
    """Erase a batch for each that is asked for."""
    before = first_kept_day(now)
    after: Stay | None = None
    while stays := list(_ended(before, after)[:batch]):
        after = stays[-1]
        yield _erase_batch([stay.pk for stay in stays], before, by)


def _ended(before: dt.date, after: Stay | None) -> QuerySet[Stay]:
    """The oldest first; those held back stay behind, so each batch begins after the last one."""
    ended = Stay.objects.filter(ends_on__lt=before).order_by("ends_on", "pk")
    if after is None:
        return ended
    return ended.filter(ends_on__gte=after.ends_on).filter(
        Q(ends_on__gt=after.ends_on) | Q(pk__gt=after.pk)
    )


@transaction.atomic
def _erase_batch(stay_ids: list[UUID], before: dt.date, by: Actor) -> Erased:
    # A stay added meanwhile waits for this lock, so that nobody is erased who has just come back.
    people = list(
        Person.objects.select_for_update(of=("self",))
        .filter(pk__in=Stay.objects.filter(pk__in=stay_ids).values("person_id"))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    # Read again under the lock: the days may have been changed.
    stays = list(Stay.objects.filter(pk__in=stay_ids, ends_on__lt=before).order_by("pk"))
    held = held_back(stays)
    gone = [stay for stay in stays if stay.pk not in held]
    Stay.objects.filter(pk__in=[stay.pk for stay in gone]).delete()
    remaining = set(Stay.objects.filter(person_id__in=people).values_list("person_id", flat=True))
    touched = {stay.person_id for stay in gone}
    if touched & remaining:
        record(
            action="stay.erase",
            by=by,
            purpose=Purpose.MAINTENANCE,
            subjects=touched & remaining,
            object_type="registrations.stay",
            details={"stays": sum(stay.person_id in remaining for stay in gone)},
        )
    left_alone = sorted(touched - remaining)
    for person_id in left_alone:
        erase_person(person_id=person_id, by=by, purpose=Purpose.MAINTENANCE)
    return Erased(len(gone), len(left_alone), len(stays) - len(gone))
