"""Pause, resume, abort, and stopping for one person take effect within one batch."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from audit.actors import Actor
from notifications import engine
from notifications.actions import (
    MessageMoved,
    abort,
    cancel_for_subject,
    create_message,
    pause,
    resume,
)
from notifications.engine import claims, limits
from notifications.enums import DeliveryState, Lane, MessageState
from notifications.models import Delivery
from notifications.templates import TextOf
from tests.factories.deliveries import (
    PURPOSE,
    FakeSource,
    bound_source,
    freeze_to,
    make_message,
    recipients,
    states,
    with_providers,
)
from tests.sinks import Sinks

pytestmark = pytest.mark.django_db(transaction=True)
OFFICER = Actor.system("test")


@pytest.fixture
def source() -> Iterator[FakeSource]:
    with bound_source() as source:
        yield source


def test_a_paused_message_waits_until_it_is_resumed(source: FakeSource, sinks: Sinks):
    message = make_message()
    freeze_to(message, recipients(10))
    pause(message, OFFICER)
    assert engine.drain() == 0
    resume(message, OFFICER)
    assert engine.drain() == 10
    message.refresh_from_db()
    assert message.state == MessageState.DONE


def test_what_was_claimed_before_a_pause_is_held(source: FakeSource, sinks: Sinks):
    message = make_message()
    freeze_to(message, recipients(4))
    rows = claims.claim("me")
    pause(message, OFFICER)
    assert claims.begin("me", with_providers(rows)) == {}
    assert states(message) == {"queued": 4}
    assert engine.drain() == 0
    resume(message, OFFICER)
    assert engine.drain() == 4


def test_a_row_that_was_held_too_late_is_let_go_by_the_sweeper(source: FakeSource, sinks: Sinks):
    message = make_message()
    freeze_to(message, recipients(3))
    message.deliveries.update(held=True)
    assert engine.drain() == 0
    assert engine.sweep().let_go == 3
    assert engine.drain() == 3


def test_an_abort_says_who_was_reached(
    source: FakeSource, sinks: Sinks, monkeypatch: pytest.MonkeyPatch
):
    message = make_message()
    freeze_to(message, recipients(6))
    monkeypatch.setattr(limits, "CLAIM", 2)
    rows = claims.claim("me", size=2)
    claims.begin("me", with_providers(rows))
    claims.write_back("me", [claims.Result(row.pk, 1, DeliveryState.ACCEPTED) for row in rows])
    in_flight = claims.claim("me", size=1)
    report = abort(message, OFFICER)
    assert (report.reached, report.in_flight, report.cancelled) == (2, 1, 3)
    assert claims.begin("me", with_providers(in_flight)) == {}
    assert states(message) == {"accepted": 2, "cancelled": 4}
    with pytest.raises(MessageMoved):
        resume(message, OFFICER)


def test_an_answer_cancels_what_is_left_for_that_person(source: FakeSource, sinks: Sinks):
    context = uuid.uuid4()
    message = make_message(context_id=context)
    freeze_to(message, recipients(3))
    row = message.deliveries.all()[0]
    assert row.subject_id is not None
    assert cancel_for_subject(context, row.subject_id) == 1
    assert cancel_for_subject(uuid.uuid4(), row.subject_id) == 0
    engine.drain()
    assert states(message) == {"accepted": 2, "cancelled": 1}


def test_who_has_lost_the_lease_overwrites_nothing(source: FakeSource):
    message = make_message()
    freeze_to(message, recipients(1))
    [row] = claims.claim("me")
    attempt = claims.begin("me", with_providers([row]))[row.pk]
    done = claims.Result(row.pk, attempt, DeliveryState.ACCEPTED)
    assert claims.write_back("another", [done]) == 0
    older = claims.Result(row.pk, attempt - 1, DeliveryState.FAILED)
    assert claims.write_back("me", [older]) == 0
    assert claims.write_back("me", [done]) == 1
    assert claims.write_back("me", [done]) == 0


def test_a_text_that_cannot_be_filled_in_is_refused_before_anything_is_queued():
    with pytest.raises(ValidationError):
        create_message(
            purpose=PURPOSE,
            lane=Lane.CRISIS,
            texts=[TextOf("en", "Flood", "Dear {person}")],
            expires_at=timezone.now() + timedelta(hours=1),
        )
    with pytest.raises(ValidationError):
        make_message(texts=[TextOf("en", "Flood\r\nBcc: a@example.org", "Go")])
    with pytest.raises(ValidationError):
        make_message(texts=[TextOf("en", "Flood", "x" * 2_000_000)])


def test_the_database_itself_keeps_one_row_per_recipient_and_due_rows_only():
    message = make_message()
    freeze_to(message, recipients(1))
    row = message.deliveries.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(
            message=message, recipient_id=row.recipient_id, channel="mail", lane=Lane.CRISIS
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        message.deliveries.update(state=DeliveryState.ACCEPTED)


def test_a_claim_reads_an_index_of_what_is_unfinished():
    message = make_message()
    freeze_to(message, recipients(2000))
    message.deliveries.update(state=DeliveryState.ACCEPTED, due_at=None)
    freeze_to(message, recipients(2, offset=5000))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE notifications_delivery")
        cursor.execute(
            "EXPLAIN SELECT id FROM notifications_delivery WHERE lane = 10 AND NOT held"
            " AND due_at <= statement_timestamp() AND state = 'queued' ORDER BY due_at LIMIT 500"
            " FOR UPDATE SKIP LOCKED"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "delivery_due" in plan or "delivery_doubt" in plan
    assert "Seq Scan" not in plan
