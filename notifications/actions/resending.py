"""Sending a message again to those whom it did not reach, and to nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from audit import ledger
from notifications.actions.control import MessageMoved
from notifications.doorbell import ring
from notifications.enums import REACHED_STATES, DeliveryState, MessageState
from notifications.models import Delivery, DeliveryQuerySet, Message


@dataclass(slots=True, frozen=True)
class ResendReport:
    """How many messages go again, and why the others do not."""

    again: int
    reached: int  # they, or the person over another channel; also where nobody can know
    open: int  # still on their way
    left_out: int  # withheld, or cancelled: by the person, or because it was stopped


def missing(message: Message) -> DeliveryQuerySet:
    """The deliveries that every provider refused for good, of people whom no other one reached.

    Never what the person chose not to get (withheld, answered, erased), and never a doubt: that
    one may have arrived. What was aborted or has expired was ended on purpose, and a row of nobody
    is that of somebody erased.
    """
    elsewhere = Delivery.objects.filter(
        message_id=OuterRef("message_id"),
        subject_id=OuterRef("subject_id"),
        state__in=sorted(REACHED_STATES),
    )
    return message.deliveries.filter(
        ~Exists(elsewhere), state=DeliveryState.FAILED, subject_id__isnull=False
    )


@transaction.atomic
def resend_missing(*, message: Message, by: Any) -> ResendReport:
    """Queue again those never reached, each on its own row; a second click finds none left.

    Their attempts are counted anew. Raises MessageMoved for a message that was paused or aborted,
    is not sent yet, or has expired.
    """
    locked = Message.objects.select_for_update().get(pk=message.pk)
    may_go = locked.state in {MessageState.SENDING, MessageState.DONE}
    if not may_go or locked.expires_at <= timezone.now():
        raise MessageMoved(locked.state)
    before = message.deliveries.order_by().values_list("state")
    again = missing(locked).update(
        state=DeliveryState.QUEUED,
        due_at=timezone.now(),
        attempt=0,
        lease_owner="",
        error_code="",
    )
    report = ResendReport(
        again=again,
        reached=message.deliveries.reached().count(),
        open=message.deliveries.unfinished().count() - again,
        left_out=before.filter(state__in=[DeliveryState.WITHHELD, DeliveryState.CANCELLED]).count(),
    )
    if again:
        Message.objects.filter(pk=message.pk, state=MessageState.DONE).update(
            state=MessageState.SENDING, finished_at=None
        )
        ledger.record(
            action="message.resend",
            by=by,
            purpose=message.purpose,
            object_type="message",
            object_id=str(message.pk),
            details={"again": again, "reached": report.reached, "left_out": report.left_out},
        )
        ring()
    message.refresh_from_db(fields=["state", "finished_at"])
    return report
