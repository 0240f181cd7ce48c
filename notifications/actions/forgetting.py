"""Taking people out of the deliveries, once they are erased on the floor above."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.contrib.postgres.functions import RandomUUID
from django.db import transaction
from django.db.models import Exists, F, OuterRef

from notifications.enums import DeliveryState, Lane
from notifications.models import Delivery, Message

ERASED = "erased"
# Deliveries that one statement removes: a moment's work, and no long transaction.
ERASED_AT_ONCE = 10_000
_NOT_BEGUN = (DeliveryState.QUEUED, DeliveryState.CLAIMED)


@transaction.atomic
def forget_subjects(subject_ids: Collection[UUID]) -> dict[str, int]:
    """Send these people nothing more, and keep nothing that leads to them; return counts.

    What is not sent is cancelled first, so that a worker who has claimed it finds it gone. A notice
    of a crisis stays as a count: how it went, to nobody. Every other message goes.
    """
    theirs = Delivery.objects.for_subjects(subject_ids)
    # Locked in one order; a worker who is about to begin waits, and then finds another row.
    locked = list(theirs.select_for_update().order_by("pk").values_list("pk", "message_id"))
    rows = Delivery.objects.filter(pk__in=[pk for pk, _message in locked])
    cancelled = rows.filter(state__in=_NOT_BEGUN).update(
        state=DeliveryState.CANCELLED, error_code=ERASED, due_at=None, held=False
    )
    # It has left, or has not: nobody may look the outcome up at the provider any more.
    rows.filter(state=DeliveryState.SENDING).update(
        state=DeliveryState.UNCERTAIN, doubts=F("doubts") + 1
    )
    # The link in a message is made from the row's identifier, so that one changes as well.
    untied = rows.filter(lane=Lane.CRISIS).update(
        id=RandomUUID(),
        recipient_id=RandomUUID(),
        subject_id=None,
        due_at=None,
        lease_owner="",
        provider_reference="",
    )
    deleted, _each = rows.exclude(lane=Lane.CRISIS).delete()
    _drop_empty({message_id for _pk, message_id in locked})
    return {"cancelled": cancelled, "deliveries_untied": untied, "deliveries": deleted}


def erase_deliveries(message_ids: Collection[UUID]) -> int:
    """Remove what became of these messages; returns how many deliveries there were.

    In batches, each committed where no transaction is open: killed in between, the rest is still
    there to be removed.
    """
    erased = 0
    while batch := _erase_batch(message_ids):
        erased += batch
    return erased


def _erase_batch(message_ids: Collection[UUID]) -> int:
    some = Delivery.objects.filter(message_id__in=message_ids).values("pk")[:ERASED_AT_ONCE]
    deleted, _each = Delivery.objects.filter(pk__in=some).delete()
    return deleted


@transaction.atomic
def give_to(subject_ids: Collection[UUID], successor: UUID) -> int:
    """Let what these people were sent in a crisis be about another registration of theirs."""
    theirs = Delivery.objects.for_subjects(subject_ids).filter(lane=Lane.CRISIS)
    return theirs.update(subject_id=successor)


def _drop_empty(message_ids: Collection[UUID]) -> None:
    """A message to nobody says nothing. A crisis's notice is kept with its crisis."""
    Message.objects.filter(
        ~Exists(Delivery.objects.filter(message_id=OuterRef("pk"))), pk__in=message_ids
    ).exclude(lane=Lane.CRISIS).delete()
