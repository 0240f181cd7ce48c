"""No lane waits for another's: advice delays neither a notice nor a code, whoever is slow. And
what is written back never takes anything back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from audit.actors import Actor
from notifications import engine
from notifications.actions import abort, pause, resume
from notifications.channels.ports import Fault, Outcome, Verdict
from notifications.engine import claims, limits
from notifications.engine.recording import result_of
from notifications.enums import DeliveryState, Lane, MessageState
from notifications.models import Delivery, Message
from tests.factories.deliveries import (
    FakeSource,
    bound_source,
    freeze_to,
    make_message,
    recipients,
    states,
    with_providers,
)
from tests.processes import wait_until
from tests.sinks import Sinks

pytestmark = pytest.mark.django_db(transaction=True)
OFFICER = Actor.system("test")


@pytest.fixture(autouse=True)
def source() -> Iterator[FakeSource]:
    with bound_source() as source:
        yield source


def queued(number: int, lane: Lane = Lane.CRISIS, offset: int = 0, channel: str = "sms") -> Message:
    message = make_message(lane=lane)
    freeze_to(message, recipients(number, offset=offset), channels=[channel])
    return message


@contextmanager
def only_worker() -> Iterator[None]:
    """A drain beside the test: the broker's only worker."""

    def work() -> None:
        try:
            engine.drain()
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        worker.join()


def under_way(message: Message) -> int:
    return states(message).get("sending", 0)


class TestAdviceDelaysNobody:
    @pytest.mark.parametrize("lane", [Lane.CRISIS, Lane.VERIFICATION])
    def test_when_it_fills_a_slow_providers_slots(self, sinks: Sinks, lane: Lane):
        sinks.play(latency_seconds=2)  # 128 letters over 32 connections: eight seconds.
        advice = queued(200, Lane.ADVICE)
        with only_worker():
            wait_until(lambda: under_way(advice) == limits.SLICE * limits.SLICES_IN_FLIGHT)
            urgent = queued(20, lane, offset=1000)
            wait_until(lambda: states(urgent) == {"accepted": 20})
            assert "accepted" not in states(advice)
        assert states(advice) == {"accepted": 200}

    def test_over_another_channel(self, sinks: Sinks):
        sinks.play(latency_seconds=2)
        advice = queued(200, Lane.ADVICE)
        with only_worker():
            wait_until(lambda: under_way(advice) > 0)
            notice = queued(300, offset=1000, channel="mail")
            wait_until(lambda: states(notice) == {"accepted": 300})
            assert "accepted" not in states(advice)

    def test_when_the_workers_time_is_over(self, sinks: Sinks):
        sinks.play(latency_seconds=2)
        advice = queued(100, Lane.ADVICE)

        def work() -> None:
            try:
                engine.drain(seconds=0.5)
            finally:
                connection.close()

        worker = threading.Thread(target=work)
        worker.start()
        wait_until(lambda: under_way(advice) > 0)
        threading.Event().wait(0.7)
        notice = queued(5, offset=1000, channel="mail")
        wait_until(lambda: states(notice) == {"accepted": 5})
        assert "accepted" not in states(advice)
        worker.join()

    def test_it_is_claimed_by_less_and_only_where_no_notice_is_due(self):
        advice = queued(300, Lane.ADVICE)
        assert len(claims.claim("one")) == limits.ADVICE_PER_CLAIM
        notice = queued(2, offset=1000)
        code = queued(1, Lane.VERIFICATION, offset=2000)
        assert {row.message_id for row in claims.claim("two")} == {notice.pk, code.pk}
        assert {row.message_id for row in claims.claim("three")} == {advice.pk}

    def test_what_was_prepared_of_it_goes_back_when_a_notice_comes(
        self, sinks: Sinks, source: FakeSource, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(limits, "LOOK_AT_LANES_SECONDS", 0.0)
        monkeypatch.setattr(limits, "SLICE", 8)
        order: list[int] = []
        begin = claims.begin

        def watched(owner: str, providers: dict) -> dict:
            lanes = Delivery.objects.filter(pk__in=providers).values_list("lane", flat=True)
            order.extend(set(lanes))
            if len(order) == 1:
                queued(40, offset=1000)
            return begin(owner, providers)

        monkeypatch.setattr(claims, "begin", watched)
        queued(60, Lane.ADVICE)
        engine.drain()
        first_notice = order.index(Lane.CRISIS)
        assert order[:first_notice].count(Lane.ADVICE) <= limits.SLICES_IN_FLIGHT
        assert order[first_notice : first_notice + 5] == [Lane.CRISIS] * 5
        assert not Delivery.objects.exclude(state=DeliveryState.ACCEPTED).exists()


class TestWritingBack:
    @pytest.mark.parametrize("state", [DeliveryState.DELIVERED, DeliveryState.FAILED])
    @pytest.mark.parametrize(
        "late",
        [DeliveryState.ACCEPTED, DeliveryState.QUEUED, DeliveryState.UNCERTAIN],
    )
    def test_a_receipt_that_was_faster_stands(self, state: str, late: DeliveryState):
        message = queued(1)
        rows = claims.claim("me")
        claims.begin("me", with_providers(rows))
        message.deliveries.update(state=state, due_at=None, error_code="receipt")
        reference = "theirs-1" if late == DeliveryState.ACCEPTED else ""
        result = claims.Result(rows[0].pk, 1, late, reference=reference, delay=1.0)
        assert claims.write_back("me", [result]) == 0
        row = message.deliveries.get()
        assert (row.state, row.due_at, row.error_code) == (state, None, "receipt")
        assert row.provider_reference == reference

    def test_what_was_not_tried_after_all_is_no_attempt(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setitem(limits.MAX_ATTEMPTS, Lane.CRISIS, 1)
        message = queued(1)
        [row] = claims.claim("me")
        attempt = claims.begin("me", with_providers([row]))[row.pk]
        outcome = Outcome(Verdict.RETRY, "not_reached", fault=Fault.NOBODY)
        claims.write_back("me", [result_of(row, attempt, outcome)])
        row = message.deliveries.get()
        assert (row.state, row.attempt) == (DeliveryState.QUEUED, 0)

    def test_what_waits_for_a_provider_is_stopped_with_its_message(self):
        message = queued(2)
        first, second = claims.claim("me")
        pause(message, OFFICER)
        claims.put_off("me", {first.pk: 0.0})
        assert message.deliveries.get(pk=first.pk).held
        resume(message, OFFICER)
        abort(message, OFFICER)
        claims.put_off("me", {second.pk: 60.0})
        assert states(message) == {"cancelled": 2}
        assert not message.deliveries.unfinished().exists()

    def test_an_abort_tells_later_what_became_of_those_under_way(self, sinks: Sinks):
        message = queued(5)
        rows = claims.claim("me", size=3)
        attempts = claims.begin("me", with_providers(rows))
        report = abort(message, OFFICER)
        assert (report.reached, report.in_flight, report.cancelled) == (0, 3, 2)
        accepted = Outcome(Verdict.ACCEPTED)
        busy = Outcome(Verdict.RETRY, "gateway_500")
        results = [result_of(row, attempts[row.pk], accepted) for row in rows[:2]]
        results.append(result_of(rows[2], 1, busy, elsewhere=True))
        claims.write_back("me", results)
        assert engine.drain() == 0
        assert states(message) == {"accepted": 2, "cancelled": 3}
        message.refresh_from_db()
        assert message.state == MessageState.ABORTED
