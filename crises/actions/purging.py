"""Erases what hangs on a closed crisis on its own purge date. The crisis itself is kept."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from audit import ledger
from audit.actors import Actor
from audit.purposes import Purpose
from crises.enums import CrisisState
from crises.models import Crisis
from crises.proofs import PURPOSE
from notifications.models import Delivery, Message


def purge_crises(*, by: Actor, today: date | None = None) -> int:
    """Purge every closed crisis whose date has come, each in a transaction; return how many."""
    due = Crisis.objects.filter(
        state=CrisisState.CLOSED,
        purge_on__lte=today or timezone.now().date(),
        areas__isnull=False,
    )
    crises = list(due.distinct().order_by("purge_on", "pk"))
    for crisis in crises:
        _purge(crisis, by)
    return len(crises)


@transaction.atomic
def _purge(crisis: Crisis, by: Actor) -> None:
    messages = list(
        crisis.notices.filter(message__isnull=False).values_list("message_id", flat=True)
    )
    submissions = list(crisis.submissions.values_list("pk", flat=True))
    proofs = Message.objects.filter(purpose=PURPOSE, context_id__in=submissions)
    erased = {
        "answers": crisis.answers.count(),
        "notices": crisis.notices.count(),
        "submissions": len(submissions),
        "deliveries": Delivery.objects.filter(message_id__in=messages).count(),
    }
    proofs.delete()
    crisis.submissions.all().delete()
    crisis.stopped.all().delete()
    crisis.answers.all().delete()
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
