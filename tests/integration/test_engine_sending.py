"""The main road: freeze, drain, and everybody has got it once, in their own language."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from notifications import engine
from notifications.actions import queue_one
from notifications.channels.ports import Letter
from notifications.channels.sms.composing import SmsComposer
from notifications.engine import claims, limits
from notifications.enums import DeliveryState, Lane, MessageState
from notifications.links import delivery_id_from, reply_code
from notifications.models import Delivery
from notifications.ports import Opened, Withheld
from notifications.templates import TextOf
from tests.factories.deliveries import (
    PURPOSE,
    FakeSource,
    bound_source,
    freeze_to,
    make_message,
    recipients,
    states,
)
from tests.sinks import Sinks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def source() -> Iterator[FakeSource]:
    with bound_source() as source:
        yield source


def test_everybody_gets_it_once_over_their_channel(source: FakeSource, sinks: Sinks):
    message = make_message()
    assert freeze_to(message, recipients(150)) == 150
    assert engine.drain() == 150
    assert states(message) == {"accepted": 150}
    counts = sinks.counts()
    assert (counts["mail"], counts["sms"], counts["duplicates"]) == (75, 75, 0)
    assert sinks.references() == {str(pk) for pk in Delivery.objects.values_list("pk", flat=True)}
    message.refresh_from_db()
    assert message.state == MessageState.DONE
    assert message.finished_at is not None


def test_a_mail_is_in_the_persons_language_and_carries_their_link(
    source: FakeSource, sinks: Sinks, settings: Settings
):
    message = make_message()
    freeze_to(message, recipients(3), channels=["mail"])
    engine.drain()
    row = message.deliveries.get(language="ar")
    [mail] = sinks.messages(f"reference={row.pk}")
    assert mail["subject"] == "فيضان في Kathmandu"
    assert mail["language"] == "ar"
    assert "أخبرنا بحالك: " in mail["body"]
    link = mail["body"].split()[-1]
    assert link.startswith(f"{settings.PORTAL_URL}/a/")
    assert delivery_id_from(link.rpartition("/")[2]) == row.pk
    assert mail["headers"]["Message-ID"] == f"<{row.pk}@portal.example>"
    assert mail["headers"]["Auto-Submitted"] == "auto-generated"
    assert len([name for name in mail["headers"] if name in {"To", "Cc", "Bcc"}]) == 1


def test_an_sms_ends_with_the_link(source: FakeSource, sinks: Sinks):
    message = make_message()
    freeze_to(message, recipients(1), channels=["sms"], languages=["es"])
    engine.drain()
    [sms] = sinks.messages()
    assert sms["body"].startswith("¡Kathmandu! http")
    row = message.deliveries.get()
    assert delivery_id_from(sms["body"].rpartition("/")[2]) == row.pk
    assert row.provider_reference == "sink-1"
    assert row.accepted_at is not None


def test_freezing_again_adds_nobody_twice(source: FakeSource, sinks: Sinks):
    message = make_message()
    assert freeze_to(message, recipients(20)) == 20
    assert freeze_to(message, recipients(25)) == 25
    engine.drain()
    assert freeze_to(message, recipients(30)) == 25  # It is done: nobody more.
    assert sinks.counts()["unique_references"] == 25


def test_two_workers_at_once_send_each_letter_once(
    source: FakeSource, sinks: Sinks, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(limits, "CLAIM", 40)
    message = make_message()
    freeze_to(message, recipients(600))
    sent: list[int] = []

    def work() -> None:
        try:
            sent.append(engine.drain())
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(sent) == 600
    counts = sinks.counts()
    assert (counts["unique_references"], counts["duplicates"]) == (600, 0)
    assert states(message) == {"accepted": 600}


def test_who_is_withheld_gets_nothing_and_the_reason_is_kept(source: FakeSource, sinks: Sinks):
    message = make_message()
    ids = recipients(4)
    source.answers[ids[0]] = Withheld("no_consent")
    source.answers[ids[1]] = Withheld("answered")
    source.unknown.add(ids[2])
    freeze_to(message, ids)
    engine.drain()
    assert states(message) == {"withheld": 3, "accepted": 1}
    assert message.deliveries.get(recipient_id=ids[2]).withheld_reason == "unknown"
    assert message.deliveries.get(recipient_id=ids[0]).withheld_reason == "no_consent"
    assert sinks.counts()["unique_references"] == 1


def test_an_address_that_cannot_exist_fails_alone(source: FakeSource, sinks: Sinks):
    message = make_message()
    ids = recipients(4)
    source.answers[ids[0]] = Opened("a@b.example\r\nRCPT TO:<c@d.example>", "en", {"place": "X"})
    source.answers[ids[1]] = Opened("not-a-number", "en", {"place": "X"})
    freeze_to(message, ids, languages=["es"])
    engine.drain()
    assert states(message) == {"failed": 2, "accepted": 2}
    failed = message.deliveries.filter(state=DeliveryState.FAILED)
    assert set(failed.values_list("error_code", flat=True)) == {"bad_address"}


def test_a_row_that_cannot_be_opened_holds_nobody_back(source: FakeSource, sinks: Sinks):
    ids = recipients(5)

    def fail_for_the_first(deliveries):
        if any(row.recipient_id == ids[0] for row in deliveries):
            raise ValueError("a sealed value does not open")

    source.before = fail_for_the_first
    message = make_message()
    freeze_to(message, ids)
    engine.drain()
    assert states(message) == {"accepted": 4, "queued": 1}
    assert message.deliveries.get(recipient_id=ids[0]).error_code == "not_opened"


def test_a_letter_that_cannot_be_filled_in_holds_nobody_back(
    source: FakeSource, sinks: Sinks, monkeypatch: pytest.MonkeyPatch
):
    message = make_message()
    freeze_to(message, recipients(4), channels=["sms"])
    unlucky = message.deliveries.all()[0].pk
    fill = SmsComposer.fill

    def broken(self: SmsComposer, delivery_id: uuid.UUID, *args: Any) -> Letter:
        if delivery_id == unlucky:
            raise RuntimeError("a mistake of the channel's")
        return fill(self, delivery_id, *args)

    monkeypatch.setattr(SmsComposer, "fill", broken)
    engine.drain()
    assert states(message) == {"accepted": 3, "queued": 1}
    assert message.deliveries.get(pk=unlucky).error_code == "not_filled"


def test_a_code_does_not_wait_behind_a_crisis(
    source: FakeSource, sinks: Sinks, monkeypatch: pytest.MonkeyPatch
):
    freeze_to(make_message(lane=Lane.ADVICE), recipients(30))
    freeze_to(make_message(), recipients(30, offset=100))
    freeze_to(make_message(lane=Lane.VERIFICATION), recipients(1, offset=200))
    lanes = [row.lane for row in claims.claim("me", size=20)]
    assert lanes.count(Lane.VERIFICATION) == 1
    assert lanes.count(Lane.CRISIS) == 19


def test_one_message_to_one_recipient(source: FakeSource, sinks: Sinks):
    ids = recipients(1)
    source.answers[ids[0]] = Opened("a@example.org", "en", {"code": "123456"})
    message = queue_one(
        purpose=PURPOSE,
        lane=Lane.VERIFICATION,
        recipient_id=ids[0],
        subject_id=None,
        channel="mail",
        language="en",
        texts=[TextOf("en", "Your code", "Your code is {code}.")],
        expires_at=timezone.now() + timedelta(minutes=15),
    )
    engine.drain()
    [mail] = sinks.messages()
    assert mail["body"].strip() == "Your code is 123456."
    assert message.deliveries.get().state == DeliveryState.ACCEPTED


def test_a_message_past_its_expiry_is_not_sent(source: FakeSource, sinks: Sinks):
    message = make_message(expires_in=timedelta(seconds=-1))
    freeze_to(message, recipients(3))
    engine.drain()
    assert states(message) == {"cancelled": 3}
    assert sinks.counts()["unique_references"] == 0
    assert message.deliveries.all()[0].error_code == "expired"


def test_a_purpose_that_nobody_answers_for_waits(sinks: Sinks):
    message = make_message()
    freeze_to(message, [uuid.uuid4()])
    engine.drain()
    row = message.deliveries.get()
    assert (row.state, row.error_code) == (DeliveryState.QUEUED, "no_source")


def test_two_messages_to_one_person_are_opened_each_by_itself(source: FakeSource, sinks: Sinks):
    [one] = recipients(1)
    first, second = make_message(), make_message()
    freeze_to(first, [one])
    freeze_to(second, [one])
    asked: list[int] = []
    source.before = lambda deliveries: asked.append(len(deliveries))
    assert engine.drain() == 2
    assert asked == [1, 1]


def test_the_code_of_an_sms_answer_is_filled_in_where_the_text_asks(
    source: FakeSource, sinks: Sinks
):
    text = TextOf("en", "Flood", "Answer: {link}", "Answer SAFE {reply_code}")
    message = make_message(texts=[text])
    freeze_to(message, recipients(1), channels=["sms"], languages=["en"])
    engine.drain()
    [sms] = sinks.messages()
    assert sms["body"].startswith(f"Answer SAFE {reply_code(message.deliveries.get().pk)} http")
