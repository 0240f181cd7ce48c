"""Erases what hangs on a closed crisis on its own purge date. The crisis itself is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from audit import ledger
from audit.actors import Actor
from audit.purposes import Purpose
from crises.enums import CrisisState
from crises.erasing import CrisisEraser
from crises.models import Answer, Crisis, Stopped, Submission
from crises.proofs import PURPOSE
from notifications.actions import erase_deliveries
from notifications.models import Message
from registrations.erasing import Erasure, Order, Traces
from registrations.models import Person


def purge_crises(*, by: Actor, today: date | None = None) -> int:
    """Purge every closed crisis whose date has come; return how many."""
    return sum(1 for _counts in purge_one_by_one(by=by, today=today or timezone.now().date()))


def purge_one_by_one(*, by: Actor, today: date) -> Iterator[dict[str, int]]:
    """Purge a crisis for each that is asked for; yields how many rows of each kind went."""
    due = Crisis.objects.filter(
        state=CrisisState.CLOSED,
        purge_on__lte=today,
        areas__isnull=False,
    )
    crises = list(due.distinct().order_by("purge_on", "pk"))
    for crisis in crises:
        yield _purge(crisis, by)


def erase_orphans(*, batch: int = 500) -> Iterator[Erasure]:
    """What was said for somebody in the very moment in which they were erased.

    A request for help stays all the same, tied to nobody.
    """
    there = Exists(Person.objects.filter(pk=OuterRef("person_id")))
    rows: list[QuerySet[Any, Any]] = [
        Stopped.objects.filter(~there, crisis__in=Crisis.objects.all()),
        Submission.objects.filter(~there, crisis__in=Crisis.objects.all()),
        Answer.objects.filter(~there, erased_at=None, crisis__in=Crisis.objects.all()),
    ]
    for found in rows:
        while people := set(found.order_by().values_list("person_id", flat=True)[:batch]):
            for person_id in sorted(people):
                gone = Traces(frozenset({person_id}))
                yield CrisisEraser().erase(gone, Order(on_request=False))


def _purge(crisis: Crisis, by: Actor) -> dict[str, int]:
    """The deliveries first, in batches: they are many. The rest goes at once, the crisis's areas
    last: by them it is found again if this is killed half-way."""
    sent = crisis.notices.filter(message__isnull=False)
    messages = [pk for pk in sent.values_list("message_id", flat=True) if pk]
    deliveries = erase_deliveries(messages)
    with transaction.atomic():
        return _purge_rest(crisis, messages, by=by, deliveries=deliveries)


def _purge_rest(
    crisis: Crisis, messages: list[UUID], *, by: Actor, deliveries: int
) -> dict[str, int]:
    submissions = list(crisis.submissions.values_list("pk", flat=True))
    erased = {
        "answers": crisis.answers.count(),
        "notices": crisis.notices.count(),
        "submissions": len(submissions),
        "deliveries": deliveries,
    }
    Message.objects.filter(purpose=PURPOSE, context_id__in=submissions).delete()
    crisis.submissions.all().delete()
    crisis.stopped.all().delete()
    crisis.answers.all().delete()
    crisis.replies.all().delete()
    crisis.notices.all().delete()
    Message.objects.filter(pk__in=messages).delete()
    crisis.areas.all().delete()
    ledger.record(
        action="crisis.purge",
        by=by,
        purpose=Purpose.MAINTENANCE,
        object_type="crises.crisis",
        object_id=crisis.pk,
        details=erased,
    )
    return erased
