"""What providers do on a bad day: nothing is lost, and nothing goes twice in silence."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from notifications import engine
from notifications.engine import limits
from notifications.enums import DeliveryState, Lane
from notifications.models import Message
from tests.factories.deliveries import (
    FakeSource,
    bound_source,
    freeze_to,
    make_message,
    recipients,
    states,
)
from tests.sinks import Sinks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSource]:
    monkeypatch.setattr(limits, "LOOK_UP_AFTER_SECONDS", 0.0)
    monkeypatch.setattr(limits, "REPAIR_EVERY_SECONDS", 0.0)
    with bound_source() as source:
        yield source


@pytest.fixture
def impatient(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.EMAIL_TIMEOUT = 1.5
    monkeypatch.setattr("notifications.channels.http.TOTAL_SECONDS", 1.5)


def make_all_due() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_delivery SET due_at = now() - interval '1 second',"
            " lease_until = NULL WHERE due_at IS NOT NULL"
        )


def send(number: int, channel: str, lane: Lane = Lane.CRISIS) -> Message:
    message = make_message(lane=lane)
    freeze_to(message, recipients(number), channels=[channel])
    engine.drain()
    return message


@pytest.mark.parametrize("channel", ["mail", "sms"])
def test_a_passing_error_is_tried_again_later(sinks: Sinks, channel: str):
    sinks.play(error_percent=100)
    message = send(10, channel)
    assert states(message) == {"queued": 10}
    row = message.deliveries.all()[0]
    assert row.attempt == 1
    assert row.error_code == ("smtp_451" if channel == "mail" else "gateway_500")
    assert row.due_at is not None
    assert row.due_at > timezone.now()
    sinks.play()
    assert engine.drain() == 0  # Not before its time.
    make_all_due()
    engine.drain()
    assert states(message) == {"accepted": 10}
    assert sinks.counts()["duplicates"] == 0


@pytest.mark.parametrize("channel", ["mail", "sms"])
def test_a_lasting_error_is_not_tried_again(sinks: Sinks, channel: str):
    sinks.play(refuse_percent=100)
    message = send(5, channel)
    assert states(message) == {"failed": 5}
    codes = set(message.deliveries.values_list("error_code", flat=True))
    assert codes == {"smtp_550" if channel == "mail" else "gateway_400"}


def test_a_refused_recipient_leaves_the_connection_to_the_next(sinks: Sinks):
    sinks.play(refuse_percent=30, error_percent=30)
    message = send(100, "mail")
    tally = states(message)
    assert set(tally) == {"failed", "queued", "accepted"}
    assert sinks.counts()["unique_references"] == tally["accepted"]


def test_a_busy_gateway_is_given_the_time_it_asks_for(sinks: Sinks):
    sinks.play(busy_percent=100, retry_after=120)
    message = send(5, "sms")
    assert states(message) == {"queued": 5}
    due = message.deliveries.unfinished().values_list("due_at", flat=True)
    waits = [when - timezone.now() for when in due if when]
    assert len(waits) == 5
    assert all(115 < wait.total_seconds() < 150 for wait in waits)


def test_attempts_come_to_an_end(sinks: Sinks, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(limits.MAX_ATTEMPTS, Lane.CRISIS, 2)
    sinks.play(error_percent=100)
    message = send(3, "sms")
    make_all_due()
    engine.drain()
    assert states(message) == {"failed": 3}
    assert message.deliveries.all()[0].attempt == 2


@pytest.mark.parametrize("channel", ["mail", "sms"])
def test_a_provider_that_is_down_is_tried_again(sinks: Sinks, settings: Settings, channel: str):
    with socket.socket() as taken:  # Bound and never listening: a connection is refused.
        taken.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = taken.getsockname()[1]
        nobody = f"http://127.0.0.1:{settings.EMAIL_PORT}/messages"
        settings.CHANNEL_PROVIDERS["sms"] = [{"name": "gateway", "url": nobody}]
        message = send(10, channel)
    assert states(message) == {"queued": 10}
    assert not message.deliveries.doubtful().exists()


@pytest.mark.usefixtures("impatient")
def test_a_gateway_that_accepts_and_falls_silent_is_asked(sinks: Sinks):
    sinks.play(silent_percent=100)
    message = send(10, "sms")
    sinks.play()
    make_all_due()
    engine.drain()
    assert states(message) == {"accepted": 10}
    assert message.deliveries.doubtful().count() == 10
    counts = sinks.counts()
    assert (counts["unique_references"], counts["duplicates"]) == (10, 0)


def test_a_page_of_html_is_no_yes_and_the_notice_is_sent_again(sinks: Sinks):
    sinks.play(garbage_percent=100)
    message = send(5, "sms")
    # Asked, and sent again at once; the second time it is given a moment.
    assert states(message) == {"queued": 5}
    assert set(message.deliveries.values_list("attempt", "doubts")) == {(2, 2)}
    sinks.play()
    make_all_due()
    engine.drain()
    assert states(message) == {"accepted": 5}
    assert sinks.counts()["unique_references"] == 5


@pytest.mark.usefixtures("impatient")
def test_a_crisis_mail_in_doubt_is_sent_once_more_and_counted(sinks: Sinks):
    sinks.play(silent_percent=100, silent_seconds=8)
    message = send(3, "mail")
    make_all_due()
    engine.drain()
    make_all_due()
    engine.drain()
    assert states(message) == {"uncertain": 3}
    assert set(message.deliveries.values_list("attempt", "doubts", "due_at")) == {(2, 2, None)}
    assert sinks.counts()["delivered_twice"] == 3


@pytest.mark.parametrize(
    ("why", "then"), [("lease_lost", "accepted"), ("smtp_timeout", "uncertain")]
)
def test_a_second_doubt_goes_again_only_where_a_second_worker_died(
    sinks: Sinks, why: str, then: str
):
    """Nobody can be asked about a mail: a dead worker has most likely not sent it."""
    message = make_message()
    freeze_to(message, recipients(3), channels=["mail"])
    message.deliveries.update(
        state=DeliveryState.UNCERTAIN, provider="mail.smtp", attempt=2, doubts=2, error_code=why
    )
    engine.drain()
    assert states(message) == {then: 3}
    assert len(sinks.references()) == (3 if then == "accepted" else 0)
    assert set(message.deliveries.values_list("doubts", flat=True)) == {2}


@pytest.mark.usefixtures("impatient")
def test_advice_in_doubt_is_left_in_doubt(sinks: Sinks):
    sinks.play(silent_percent=100, silent_seconds=8)
    message = send(3, "mail", Lane.ADVICE)
    make_all_due()
    engine.drain()
    assert states(message) == {"uncertain": 3}
    assert set(message.deliveries.values_list("attempt", flat=True)) == {1}
    message.refresh_from_db()
    assert message.state == "done"


def test_a_channel_that_breaks_leaves_its_letters_in_doubt_not_lost(
    sinks: Sinks, monkeypatch: pytest.MonkeyPatch
):
    async def broken(*args: object) -> None:
        raise RuntimeError("a mistake of ours")

    with monkeypatch.context() as patch:
        patch.setattr("notifications.channels.sms.transport.SmsTransport.send", broken)
        message = make_message()
        freeze_to(message, recipients(4))
        engine.drain()
    assert states(message) == {"accepted": 2, "queued": 2}
    make_all_due()
    engine.drain()
    assert states(message) == {"accepted": 4}
    assert message.deliveries.filter(state=DeliveryState.ACCEPTED, doubts=2).count() == 2
