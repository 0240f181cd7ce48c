"""What people say of their stays: still right, left, back again, or until another day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.utils import timezone

from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose
from registrations.models import Person, Stay
from registrations.reminders import REMINDER_DAYS


class BadLastDay(ValueError):
    """A stay cannot end before it starts."""


@transaction.atomic
def leave_stays(
    *, person_id: UUID, stay_ids: Iterable[UUID], by: Actor, now: dt.datetime | None = None
) -> int:
    """End those of the person's stays today, as the calendar there counts it; return how many.

    The last day as it was planned is kept, so that `return_to_stays` can undo it. A stay that has
    not begun, or has ended, is left alone.
    """
    moment = now or timezone.now()
    left: list[Stay] = []
    for stay in _locked(person_id, stay_ids):
        today = local_day(stay, moment)
        if stay.starts_on <= today < stay.ends_on:
            stay.planned_end = stay.planned_end or stay.ends_on
            stay.ends_on = today
            left.append(stay)
    Stay.objects.bulk_update(left, ["ends_on", "planned_end"])
    _note("stay.leave", person_id, len(left), by)
    return len(left)


@transaction.atomic
def return_to_stays(
    *, person_id: UUID, stay_ids: Iterable[UUID], by: Actor, now: dt.datetime | None = None
) -> int:
    """Undo `leave_stays` for those of the person's stays; return how many."""
    back = [stay for stay in _locked(person_id, stay_ids) if stay.planned_end]
    for stay in back:
        stay.ends_on = stay.planned_end or stay.ends_on
        stay.planned_end = None
        _refresh(stay, now or timezone.now())
    Stay.objects.bulk_update(back, ["ends_on", "planned_end", *_FRESHNESS])
    _note("stay.return", person_id, len(back), by)
    return len(back)


@transaction.atomic
def confirm_stays(
    *,
    person_id: UUID,
    by: Actor,
    stay_ids: Collection[UUID] | None = None,
    now: dt.datetime | None = None,
) -> int:
    """Take the person's current and coming stays (or those named) as still right; return how many.

    The yearly questions begin anew.
    """
    moment = now or timezone.now()
    right = [
        stay for stay in _locked(person_id, stay_ids) if stay.ends_on >= local_day(stay, moment)
    ]
    for stay in right:
        _refresh(stay, moment)
    Stay.objects.bulk_update(right, _FRESHNESS)
    if right:
        Person.objects.filter(pk=person_id).update(confirmed_at=moment)
    _note("stay.confirm", person_id, len(right), by)
    return len(right)


@transaction.atomic
def extend_stay(
    *,
    stay_id: UUID,
    person_id: UUID,
    ends_on: dt.date,
    by: Actor,
    now: dt.datetime | None = None,
) -> bool:
    """Move the last day of a stay, later or earlier. False when the person has no such stay.

    Raises BadLastDay when it would end before it starts.
    """
    moment = now or timezone.now()
    stay = next(iter(_locked(person_id, [stay_id])), None)
    if stay is None:
        return False
    if ends_on < stay.starts_on:
        raise BadLastDay
    stay.ends_on, stay.planned_end = ends_on, None
    _refresh(stay, moment)
    # A new end deserves a reminder of its own, unless it is as near as the one just given.
    if ends_on > local_day(stay, moment) + dt.timedelta(days=REMINDER_DAYS):
        stay.reminded_at = None
    stay.save(update_fields=["ends_on", "planned_end", "reminded_at", *_FRESHNESS])
    Person.objects.filter(pk=person_id).update(confirmed_at=moment)
    _note("stay.extend", person_id, 1, by)
    return True


def local_day(stay: Stay, moment: dt.datetime) -> dt.date:
    """The day that the calendar shows where the stay is."""
    try:
        zone = ZoneInfo(stay.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return moment.astimezone(zone).date()


_FRESHNESS = ["confirmed_at", "asked_at", "asked_in_vain"]


def _refresh(stay: Stay, moment: dt.datetime) -> None:
    stay.confirmed_at, stay.asked_at, stay.asked_in_vain = moment, None, 0


def _locked(person_id: UUID, stay_ids: Iterable[UUID] | None) -> list[Stay]:
    """The person's stays, under the person's lock, as erasure takes it: first the person."""
    if not Person.objects.select_for_update(of=("self",)).filter(pk=person_id).exists():
        return []
    stays = Stay.objects.filter(person_id=person_id).order_by("starts_on", "pk")
    if stay_ids is not None:
        stays = stays.filter(pk__in=list(stay_ids))
    return list(stays)


def _note(action: str, person_id: UUID, stays: int, by: Actor) -> None:
    if stays:
        record(
            action=action,
            by=by,
            purpose=Purpose.REGISTRATION,
            subjects=[person_id],
            object_type="registrations.stay",
            details={"stays": stays},
        )
