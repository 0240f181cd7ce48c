"""Several providers of one channel: circuits, rests, limits, and who gets a row that one refused.

Two gateways, "sms.gateway" and "sms.backup", each with a store of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from notifications import engine
from notifications.actions import cancel_for_subject
from notifications.engine import claims, limits
from notifications.engine.choosing import Stands
from notifications.enums import DeliveryState, Lane
from notifications.models import Delivery, Message, ProviderStand
from tests.factories.deliveries import (
    FakeSource,
    bound_source,
    freeze_to,
    make_message,
    recipients,
    states,
)
from tests.processes import wait_until
from tests.sinks import Sinks

pytestmark = pytest.mark.django_db(transaction=True)
A, B = "sms.gateway", "sms.backup"


@pytest.fixture(autouse=True)
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSource]:
    monkeypatch.setattr(limits, "LOOK_UP_AFTER_SECONDS", 0.0)
    monkeypatch.setattr(limits, "REPAIR_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(limits, "STANDS_READ_EVERY_SECONDS", 0.0)
    # A test looks at what waits; a drain that stays would send it.
    monkeypatch.setattr(limits, "STAY_SECONDS", 0.0)
    with bound_source() as source:
        yield source


def queued(number: int, lane: Lane = Lane.CRISIS, offset: int = 0) -> Message:
    message = make_message(lane=lane)
    freeze_to(message, recipients(number, offset=offset), channels=["sms"])
    return message


def stand(key: str = A) -> ProviderStand:
    return ProviderStand.objects.get(key=key)


def let_time_pass() -> None:
    """Circuits, rests and waiting times are over."""
    past = timezone.now() - timedelta(seconds=1)
    ProviderStand.objects.filter(open_until__isnull=False).update(open_until=past)
    ProviderStand.objects.filter(rests_until__isnull=False).update(rests_until=past)
    Delivery.objects.filter(due_at__isnull=False).update(due_at=past, lease_until=past)


def waiting_for_a_lock() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # Else one transaction sees no change.
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return int(cursor.fetchone()[0])


def by_provider(message: Message) -> dict[tuple[str, int], int]:
    """{(provider, attempts): rows}"""
    found: dict[tuple[str, int], int] = {}
    for pair in message.deliveries.values_list("provider", "attempt"):
        found[pair] = found.get(pair, 0) + 1
    return found


class TestSwitching:
    def test_what_one_refuses_for_now_the_next_gets_at_once_on_the_same_row(
        self, sinks: Sinks, backup: Sinks
    ):
        sinks.play(error_percent=100)
        message = queued(10)
        engine.drain()
        assert states(message) == {"accepted": 10}
        assert by_provider(message) == {(B, 2): 10}
        assert message.deliveries.count() == 10
        assert backup.references() == {str(row.pk) for row in message.deliveries.all()}
        assert sinks.references() == set()

    def test_where_every_provider_refuses_it_waits_like_any_other(
        self, sinks: Sinks, backup: Sinks
    ):
        sinks.play(error_percent=100)
        backup.play(error_percent=100)
        message = queued(3)
        engine.drain()
        assert states(message) == {"queued": 3}
        assert by_provider(message) == {(B, 2): 3}
        assert not message.deliveries.filter(due_at__lte=timezone.now()).exists()
        sinks.play()
        let_time_pass()
        engine.drain()
        assert by_provider(message) == {(A, 3): 3}

    def test_a_lasting_refusal_is_not_carried_to_the_next(self, sinks: Sinks, backup: Sinks):
        sinks.play(refuse_percent=100)
        message = queued(3)
        engine.drain()
        assert states(message) == {"failed": 3}
        assert backup.counts()["unique_references"] == 0


class TestCircuit:
    def test_it_opens_for_everybody_and_what_was_not_begun_goes_elsewhere(
        self, sinks: Sinks, backup: Sinks
    ):
        sinks.play(error_percent=100)
        message = queued(400)
        engine.drain()
        assert states(message) == {"accepted": 400}
        assert stand().opened == 1
        tried = sinks.counts()["injected"]["sms_error"]
        assert tried <= limits.SLICE * limits.SLICES_IN_FLIGHT
        assert by_provider(message) == {(B, 1): 400 - tried, (B, 2): tried}
        later = queued(5, offset=1000)
        engine.drain()  # Another worker: it knows from the row alone.
        assert by_provider(later) == {(B, 1): 5}

    def test_refused_recipients_never_open_it(self, sinks: Sinks):
        sinks.play(refuse_percent=100)
        queued(100)
        engine.drain()
        assert not ProviderStand.objects.filter(opened__gt=0).exists()

    def test_one_success_among_failures_keeps_it_closed(
        self, sinks: Sinks, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(limits, "FAILURES_TO_OPEN", 60)
        sinks.play(error_percent=50)
        queued(200)
        engine.drain()
        assert stand().opened == 0
        assert stand().failures < 60

    def test_while_all_are_open_rows_wait_and_no_attempt_is_burnt(self, sinks: Sinks):
        sinks.play(error_percent=100)
        queued(64)
        engine.drain()
        assert stand().opened == 1
        tried = sinks.counts()["injected"]["sms_error"]
        waiting = queued(30, offset=1000)
        engine.drain()
        assert states(waiting) == {"queued": 30}
        assert by_provider(waiting) == {("", 0): 30}
        assert waiting.deliveries.filter(due_at__gt=timezone.now()).count() == 30
        assert sinks.counts()["injected"]["sms_error"] == tried

    def test_half_open_one_worker_tries_a_few_and_success_closes_it(
        self, sinks: Sinks, monkeypatch: pytest.MonkeyPatch
    ):
        ProviderStand.objects.create(key=A, opened=2, open_until=timezone.now())
        message = queued(40)
        rows = claims.claim("one")
        first, second = Stands(), Stands()
        for one in (first, second):
            one.refresh()
        with monkeypatch.context() as at_once:  # Both have read that it may be tried.
            at_once.setattr(Stands, "refresh", lambda self: None)
            assert len(first.choose(rows).providers) == limits.TRIAL
            assert len(second.choose(rows).providers) == 0
        claims.put_off("one", {row.pk: 0.0 for row in rows})
        ProviderStand.objects.update(trial_until=None)
        while Delivery.objects.unfinished().exists():
            engine.drain()
            let_time_pass()
        assert states(message) == {"accepted": 40}
        assert (stand().opened, stand().open_until, stand().failures) == (0, None, 0)
        assert set(message.deliveries.values_list("attempt", flat=True)) == {1}

    def test_a_trial_that_fails_opens_it_again_for_longer(self, sinks: Sinks):
        ProviderStand.objects.create(key=A, opened=3, open_until=timezone.now())
        sinks.play(error_percent=100)
        message = queued(40)
        engine.drain()
        assert sinks.counts()["injected"]["sms_error"] == limits.TRIAL
        assert stand().opened == 4
        later = timezone.now() + timedelta(seconds=4)
        assert ProviderStand.objects.filter(key=A, open_until__gt=later).exists()
        assert by_provider(message) == {(A, 1): limits.TRIAL, ("", 0): 40 - limits.TRIAL}

    def test_a_worker_that_dies_over_its_trial_is_followed_by_another(self, sinks: Sinks):
        past = timezone.now() - timedelta(seconds=1)
        ProviderStand.objects.create(key=A, opened=1, open_until=past, trial_until=past)
        message = queued(3)
        engine.drain()
        assert states(message) == {"accepted": 3}


class TestRest:
    def test_who_asks_for_a_rest_gets_it_from_everybody(self, sinks: Sinks):
        sinks.play(busy_percent=100, retry_after=60)
        queued(3)
        engine.drain()
        sinks.play()
        others = queued(5, offset=100)
        engine.drain()
        assert by_provider(others) == {("", 0): 5}
        soonest = min(due for due in others.deliveries.values_list("due_at", flat=True) if due)
        assert soonest > timezone.now() + timedelta(seconds=45)
        assert stand().opened == 0
        let_time_pass()
        engine.drain()
        assert states(others) == {"accepted": 5}

    def test_meanwhile_the_other_provider_is_used(self, sinks: Sinks, backup: Sinks):
        sinks.play(busy_percent=100, retry_after=60)
        message = queued(5)
        engine.drain()
        assert by_provider(message) == {(B, 2): 5}


class TestLimit:
    @pytest.fixture(autouse=True)
    def limited(self, sinks: Sinks, settings: Settings) -> dict[str, str]:
        described: dict[str, str] = settings.CHANNEL_PROVIDERS["sms"][0]
        described["per_second"] = "20"
        return described

    def test_no_more_leave_than_there_are_tokens_and_the_others_get_a_turn(self, sinks: Sinks):
        message = queued(50)
        claimed = claims.claim("me")
        choice = Stands().choose(claimed)
        assert 20 <= len(choice.providers) <= 21
        turns = sorted(choice.waiting.values())
        assert len(turns) == 50 - len(choice.providers)
        assert all(later - sooner == pytest.approx(1 / 20) for sooner, later in pairwise(turns))
        assert {row.attempt for row in message.deliveries.all()} == {0}

    def test_it_holds_for_all_workers_together(self, limited: dict[str, str]):
        limited["per_second"] = "0.001"  # Two at once, and then none for a long time.
        queued(80)
        claimed = claims.claim("me")

        def choose(part: int) -> int:
            try:
                return len(Stands().choose(claimed[part * 10 : part * 10 + 10]).providers)
            finally:
                connection.close()

        ProviderStand.objects.create(key=A)
        with ThreadPoolExecutor(8) as workers:
            with transaction.atomic():  # All have read, or wait to, before the first may write.
                ProviderStand.objects.select_for_update().get()
                given = [workers.submit(choose, part) for part in range(8)]
                wait_until(lambda: waiting_for_a_lock() == 8)
            assert sum(one.result() for one in given) == 2

    def test_turns_are_given_out_one_after_the_other(self, limited: dict[str, str]):
        queued(60)
        claimed = claims.claim("me")
        first = Stands().choose(claimed[:40]).waiting
        second = Stands().choose(claimed[40:]).waiting
        assert min(second.values()) > max(first.values()) - 0.5

    def test_advice_leaves_tokens_for_a_notice(self):
        advice = queued(100, Lane.ADVICE)
        rows = claims.claim("me")
        assert {row.message_id for row in rows} == {advice.pk}
        assert 10 <= len(Stands().choose(rows).providers) <= 11
        notice = queued(10, offset=1000)
        rows = claims.claim("another")
        assert {row.message_id for row in rows} == {notice.pk}
        assert len(Stands().choose(rows).providers) == 10

    def test_a_drain_stays_for_the_turns_it_gave_out(
        self, sinks: Sinks, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(limits, "STAY_SECONDS", 1.0)
        message = queued(30)
        assert engine.drain() == 30
        assert states(message) == {"accepted": 30}
        assert set(message.deliveries.values_list("attempt", flat=True)) == {1}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.channels.http.TOTAL_SECONDS", 1.5)


@pytest.mark.usefixtures("impatient")
class TestDoubt:
    def test_it_is_settled_where_it_was_handed_to(self, sinks: Sinks, backup: Sinks):
        sinks.play(silent_percent=100)
        message = queued(40)  # Enough to open the circuit.
        engine.drain()
        sinks.play()
        let_time_pass()
        engine.drain()
        assert states(message) == {"accepted": 40}
        assert sinks.references() == {str(row.pk) for row in message.deliveries.all()}
        assert backup.references() == set()
        assert sinks.counts()["duplicates"] == 0

    @pytest.mark.parametrize(("lane", "arrives"), [(Lane.CRISIS, True), (Lane.ADVICE, False)])
    def test_of_who_cannot_even_be_asked_only_a_notice_goes_elsewhere(
        self, sinks: Sinks, backup: Sinks, settings: Settings, lane: Lane, arrives: bool
    ):
        sinks.play(silent_percent=100)
        message = queued(25, lane)
        rows = claims.claim("one that dies")
        claims.begin("one that dies", {row.pk: A for row in rows})
        claims.write_back(
            "one that dies",
            [claims.Result(row.pk, 1, DeliveryState.UNCERTAIN, delay=0.0) for row in rows],
        )
        settings.CHANNEL_PROVIDERS["sms"][0]["url"] = "http://127.0.0.1:9/messages"
        engine.drain()
        assert stand().opened == 1
        let_time_pass()
        ProviderStand.objects.update(open_until=timezone.now() + timedelta(minutes=1))
        engine.drain()
        assert len(backup.references()) == (25 if arrives else 0)
        assert states(message) == {"accepted" if arrives else "uncertain": 25}
        assert message.deliveries.doubtful().count() == 25

    def test_what_the_provider_does_not_have_goes_there_again_with_its_key(
        self, sinks: Sinks, backup: Sinks
    ):
        sinks.play(garbage_percent=100)
        message = queued(3)
        rows = claims.claim("one that dies")
        claims.begin("one that dies", {row.pk: A for row in rows})
        claims.write_back(
            "one that dies",
            [claims.Result(row.pk, 1, DeliveryState.UNCERTAIN, delay=0.0) for row in rows],
        )
        sinks.play()
        engine.drain()
        assert by_provider(message) == {(A, 2): 3}
        assert sinks.references() == {str(row.pk) for row in message.deliveries.all()}

    def test_a_person_who_answered_gets_it_from_nobody_any_more(self, sinks: Sinks, backup: Sinks):
        context = uuid.uuid4()
        message = make_message(context_id=context)
        freeze_to(message, recipients(4), channels=["sms"])
        rows = claims.claim("me")
        claims.begin("me", {rows[0].pk: A, rows[1].pk: A})
        doubt = [claims.Result(row.pk, 1, DeliveryState.UNCERTAIN, delay=0.0) for row in rows[:2]]
        claims.write_back("me", doubt)
        claims.put_off("me", {rows[2].pk: 0.0})
        for row in rows:
            assert row.subject_id is not None
            cancel_for_subject(context, row.subject_id)
        # Somebody was just asking about the doubts, and is told that the provider has nothing.
        again = [
            claims.Result(row.pk, 1, DeliveryState.QUEUED, "resent", delay=0.0) for row in rows[:2]
        ]
        assert claims.write_back("me", again) == 0
        assert engine.drain() == 0
        assert states(message) == {"uncertain": 2, "cancelled": 2}
        assert sinks.references() | backup.references() == set()
