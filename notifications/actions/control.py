"""Hold, go on, stop; and stop for one person. Each takes effect within one batch."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit import ledger
from notifications.doorbell import ring
from notifications.enums import MESSAGE_TRANSITIONS, DeliveryState, MessageState
from notifications.models import Delivery, Message


class MessageMoved(Exception):
    """The message was in a state from which this move is not allowed."""


@dataclass(slots=True, frozen=True)
class AbortReport:
    """What an abort came too late for, and what it stopped."""

    reached: int
    in_flight: int
    cancelled: int


def _sources_of(to: MessageState) -> list[MessageState]:
    return [state for state, targets in MESSAGE_TRANSITIONS.items() if to in targets]


def _move(
    message: Message, to: MessageState, *, sources: Collection[MessageState] | None = None
) -> None:
    """From whichever state may come to this one, or from these alone."""
    sources = _sources_of(to) if sources is None else sources
    ends = to in {MessageState.ABORTED, MessageState.DONE}
    moved = Message.objects.filter(pk=message.pk, state__in=sources).update(
        state=to, finished_at=timezone.now() if ends else None
    )
    if not moved:
        raise MessageMoved(to.value)
    message.refresh_from_db(fields=["state", "finished_at"])


def _record(action: str, message: Message, by: Any, **details: int) -> None:
    ledger.record(
        action=action,
        by=by,
        purpose=message.purpose,
        object_type="message",
        object_id=str(message.pk),
        details=details,
    )


@transaction.atomic
def pause(message: Message, by: Any) -> None:
    """Send nothing more until resumed. Rows that a worker has claimed are held when it begins."""
    _move(message, MessageState.PAUSED)
    held = message.deliveries.filter(state=DeliveryState.QUEUED).update(held=True)
    _record("message.pause", message, by, held=held)


@transaction.atomic
def resume(message: Message, by: Any) -> None:
    _move(message, MessageState.SENDING, sources=[MessageState.PAUSED])
    freed = message.deliveries.filter(held=True).update(held=False)
    _record("message.resume", message, by, freed=freed)
    ring()


@transaction.atomic
def abort(message: Message, by: Any) -> AbortReport:
    """Stop for good, and say who was already reached (`in_flight` is not known yet)."""
    _move(message, MessageState.ABORTED)
    cancelled = message.deliveries.filter(state=DeliveryState.QUEUED).update(
        state=DeliveryState.CANCELLED, error_code="aborted", due_at=None, held=False
    )
    report = AbortReport(
        reached=message.deliveries.reached().count(),
        in_flight=message.deliveries.unfinished().count(),
        cancelled=cancelled,
    )
    _record(
        "message.abort",
        message,
        by,
        reached=report.reached,
        in_flight=report.in_flight,
        cancelled=report.cancelled,
    )
    return report


@transaction.atomic
def cancel_for_subject(
    message_context_id: UUID,
    subject_id: UUID,
    *,
    reason: str = "answered",
    spared: Collection[UUID] = (),
) -> int:
    """Cancel what is left for one person, because they answered; returns how many rows.

    `spared` are messages that still concern them.
    """
    waiting = Delivery.objects.filter(
        message__context_id=message_context_id,
        subject_id=subject_id,
        due_at__isnull=False,
        state__in=[DeliveryState.QUEUED, DeliveryState.CLAIMED],
    ).exclude(message_id__in=spared)
    cancelled = waiting.update(
        state=DeliveryState.CANCELLED, error_code=reason, due_at=None, held=False
    )
    Delivery.objects.filter(
        message__context_id=message_context_id,
        subject_id=subject_id,
        due_at__isnull=False,
        state=DeliveryState.UNCERTAIN,
    ).exclude(message_id__in=spared).update(due_at=None)
    return cancelled


@transaction.atomic
def cancel_purposes(
    subjects: Collection[UUID], purposes: Collection[str], *, reason: str = "no_consent"
) -> int:
    """Cancel whatever of these purposes waits for someone, in every message; return how many rows.

    Rows that a worker has claimed go too: it begins only those that are still its own. What it
    has begun is on its way.
    """
    mine = Delivery.objects.filter(
        subject_id__in=list(subjects), due_at__isnull=False, message__purpose__in=list(purposes)
    )
    cancelled = mine.filter(state__in=[DeliveryState.QUEUED, DeliveryState.CLAIMED]).update(
        state=DeliveryState.CANCELLED, error_code=reason, due_at=None, held=False
    )
    mine.filter(state=DeliveryState.UNCERTAIN).update(due_at=None)
    return cancelled
