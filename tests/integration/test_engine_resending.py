"""Again, to those not reached, and to nobody else: on the same rows, however often it is asked."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from audit.actors import Actor
from audit.models import Entry
from notifications import engine
from notifications.actions import MessageMoved, abort, pause, resend_missing, resume
from notifications.enums import DeliveryState, MessageState
from notifications.models import Delivery, Message
from tests.factories.deliveries import bound_source, freeze_to, make_message, recipients, states
from tests.sinks import Sinks

pytestmark = pytest.mark.django_db(transaction=True)
OFFICER = Actor.system("test")


def finished(*in_states: str) -> Message:
    """A message that is done, with a delivery in each of these states."""
    message = make_message()
    freeze_to(message, recipients(len(in_states)), channels=["sms"])
    rows = message.deliveries.order_by("recipient_id")
    for row, state in zip(rows, in_states, strict=True):
        Delivery.objects.filter(pk=row.pk).update(state=state, due_at=None, attempt=3)
    Message.objects.update(state=MessageState.DONE, finished_at=timezone.now())
    message.refresh_from_db()
    return message


def test_only_what_failed_goes_again_and_on_the_same_row(sinks: Sinks):
    message = finished(*(set(DeliveryState) - {"queued", "claimed", "sending"}))
    failed = message.deliveries.get(state=DeliveryState.FAILED)
    before = dict(message.deliveries.values_list("pk", "state"))
    report = resend_missing(message=message, by=OFFICER)
    assert (report.again, report.reached, report.open, report.left_out) == (1, 3, 0, 2)
    assert message.state == MessageState.SENDING
    with bound_source():
        engine.drain()
    assert sinks.references() == {str(failed.pk)}
    after = dict(message.deliveries.values_list("pk", "state"))
    assert after == before | {failed.pk: DeliveryState.ACCEPTED}
    message.refresh_from_db()
    assert message.state == MessageState.DONE


def test_who_was_reached_over_another_channel_is_not_missing():
    message = finished("failed", "failed", "accepted", "failed")
    first, second, reached, other = message.deliveries.order_by("recipient_id")
    Delivery.objects.filter(pk=second.pk).update(subject_id=reached.subject_id)
    Delivery.objects.filter(pk=other.pk).update(subject_id=None)  # Erased since.
    assert resend_missing(message=message, by=OFFICER).again == 1
    assert message.deliveries.get(state=DeliveryState.QUEUED) == first


def test_attempts_are_counted_anew_and_doubts_are_kept(sinks: Sinks):
    message = finished("failed")
    message.deliveries.update(attempt=60, doubts=2)
    sinks.play(error_percent=100)
    resend_missing(message=message, by=OFFICER)
    with bound_source():
        engine.drain()
    assert set(message.deliveries.values_list("state", "attempt", "doubts")) == {("queued", 1, 2)}


def test_two_clicks_at_once_are_one():
    message = finished("failed", "failed", "accepted")
    found: list[int] = []
    start = threading.Barrier(2)

    def click() -> None:
        try:
            start.wait()
            found.append(resend_missing(message=Message.objects.get(), by=OFFICER).again)
        finally:
            connection.close()

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert sorted(found) == [0, 2]
    assert states(message) == {"queued": 2, "accepted": 1}
    assert Entry.objects.filter(action="message.resend").count() == 1


def test_nothing_goes_again_of_what_was_stopped_or_is_over():
    message = finished("failed")
    Message.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(MessageMoved):
        resend_missing(message=message, by=OFFICER)
    Message.objects.update(
        expires_at=timezone.now() + timedelta(hours=1), state=MessageState.SENDING
    )
    pause(message, OFFICER)
    with pytest.raises(MessageMoved):
        resend_missing(message=message, by=OFFICER)
    resume(message, OFFICER)
    abort(message, OFFICER)
    with pytest.raises(MessageMoved):
        resend_missing(message=message, by=OFFICER)
    assert states(message) == {"failed": 1}


def test_what_is_done_is_not_merely_resumed():
    message = finished("failed")
    with pytest.raises(MessageMoved):
        resume(message, OFFICER)
