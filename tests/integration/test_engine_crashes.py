"""Killed workers, an emptied broker, and a real Celery worker at the other end of the bell."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from pytest_django import Settings

from micic_portal.celery import app
from notifications import engine
from notifications.engine import claims, limits
from notifications.enums import DeliveryState, MessageState
from notifications.models import Delivery
from tests.factories.deliveries import (
    bound_source,
    freeze_to,
    let_leases_run_out,
    make_message,
    recipients,
    states,
    with_providers,
)
from tests.processes import process, wait_until
from tests.sinks import Sinks

pytestmark = pytest.mark.django_db(transaction=True)

# A worker's process, which binds the test's source as the floors above bind theirs.
_DRAIN = """
import django; django.setup()
from notifications import engine
from tests.factories.deliveries import bound_source
with bound_source():
    engine.drain()
"""
_WORKER = """
import django; django.setup()
from micic_portal.celery import app
from tests.factories.deliveries import FakeSource, PURPOSE
from notifications.ports import bind_source
bind_source(PURPOSE, FakeSource())
app.worker_main(["worker", "--concurrency", "2", "--loglevel", "WARNING", "--without-mingle",
                 "--without-gossip", "--without-heartbeat"])
"""


def test_killed_in_the_middle_nothing_is_lost(sinks: Sinks, monkeypatch: pytest.MonkeyPatch):
    message = make_message()
    total = 3000
    freeze_to(message, recipients(total))
    kills = 0
    for _ in range(3):
        before = len(sinks.references())
        with process(_DRAIN, sinks) as worker:
            wait_until(lambda: len(sinks.references()) > before + 100)  # noqa: B023
            worker.send_signal(signal.SIGKILL)
            kills += 1
        let_leases_run_out()
        engine.sweep()
    monkeypatch.setattr(limits, "LOOK_UP_AFTER_SECONDS", 0.0)
    with bound_source():
        while Delivery.objects.unfinished().exists():
            engine.drain()
            let_leases_run_out()
    assert states(message) == {"accepted": total}
    counts = sinks.counts()
    doubtful = message.deliveries.doubtful().count()
    assert len(sinks.references()) == total
    assert counts["delivered_twice"] <= doubtful
    assert doubtful <= kills * limits.SLICE * limits.SLICES_IN_FLIGHT
    message.refresh_from_db()
    assert message.state == MessageState.DONE


def test_the_sweeper_takes_back_what_was_claimed_and_doubts_what_was_begun(
    sinks: Sinks,
):
    message = make_message()
    freeze_to(message, recipients(10))
    rows = claims.claim("a worker that dies")
    claims.begin("a worker that dies", with_providers(rows[:4]))
    assert engine.sweep().taken_back == 0  # Its lease still runs.
    let_leases_run_out()
    report = engine.sweep()
    assert (report.taken_back, report.rang) == (10, True)
    assert states(message) == {"queued": 6, "uncertain": 4}
    # It was only slow, after all: what it knows of an attempt that nobody repeated is taken.
    late = claims.Result(rows[0].pk, 1, DeliveryState.ACCEPTED)
    assert claims.write_back("a worker that dies", [late]) == 1
    with bound_source():
        engine.drain()
    assert states(message) == {"accepted": 10}
    assert sinks.counts()["unique_references"] == 9


def test_a_living_worker_keeps_its_lease(sinks: Sinks, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "LEASE_SECONDS", 2)
    monkeypatch.setattr(limits, "RENEW_AFTER_SECONDS", 0.3)
    sinks.play(latency_seconds=4)
    message = make_message()
    freeze_to(message, recipients(3), channels=["sms"])
    taken_back: list[int] = []

    def sweep_meanwhile() -> None:
        try:
            for _ in range(12):
                time.sleep(0.3)
                taken_back.append(engine.sweep().taken_back)
        finally:
            connection.close()

    sweeper = threading.Thread(target=sweep_meanwhile)
    sweeper.start()
    with bound_source():
        engine.drain()
    sweeper.join()
    assert sum(taken_back) == 0
    assert states(message) == {"accepted": 3}


def test_a_broker_that_is_away_delays_and_the_sweeper_rings_again(
    sinks: Sinks, monkeypatch: pytest.MonkeyPatch
):
    rings: list[int] = []
    message = make_message()
    with monkeypatch.context() as patch:
        patch.setattr(app, "send_task", _refuse)
        patch.setattr("celery.app.task.Task.apply_async", _refuse)
        freeze_to(message, recipients(2))  # Does not raise.
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda self, **options: rings.append(1))
    assert engine.sweep().rang
    assert rings == [1]


def _refuse(*args: object, **options: object) -> None:
    raise ConnectionRefusedError


def test_a_real_worker_hears_the_bell_and_an_emptied_broker_loses_nothing(
    sinks: Sinks, settings: Settings
):
    with app.connection_or_acquire() as broker:
        broker.default_channel.client.flushdb()
        message = make_message()
        freeze_to(message, recipients(40))
        assert broker.default_channel.client.llen("celery") == 1
        broker.default_channel.client.flushdb()
        with process(_WORKER, sinks) as worker:
            engine.sweep()
            wait_until(lambda: worker.poll() is not None or states(message) == {"accepted": 40}, 60)
            assert worker.poll() is None, "the worker ended by itself"
            second = make_message()
            started = time.monotonic()
            freeze_to(second, recipients(40, offset=100))
            wait_until(lambda: states(second).get("accepted", 0) > 0)
            assert time.monotonic() - started < 10
            wait_until(lambda: states(second) == {"accepted": 40})
    assert sinks.counts()["duplicates"] == 0
    assert len(sinks.references()) == 80


def test_what_a_failing_worker_has_not_begun_is_free_at_once(
    sinks: Sinks, monkeypatch: pytest.MonkeyPatch
):
    """It goes on renewing the lease of what it awaits an answer for, and of nothing else."""
    sinks.play(latency_seconds=0.5)
    message = make_message()
    freeze_to(message, recipients(limits.SLICE * 3), channels=["sms"])
    begin = claims.begin
    begun: list[int] = []

    def lose_the_database(*args: Any) -> dict[UUID, int]:
        if begun:
            raise OperationalError
        begun.append(1)
        return begin(*args)

    monkeypatch.setattr(claims, "begin", lose_the_database)
    with bound_source(), pytest.raises(OperationalError):
        engine.drain()
    assert states(message) == {"accepted": limits.SLICE, "queued": limits.SLICE * 2}
    assert set(message.deliveries.unfinished().values_list("attempt", flat=True)) == {0}


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, DatabaseError])
def test_a_connection_that_breaks_while_an_answer_is_written_costs_no_doubt(
    sinks: Sinks, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
):
    """However the driver tells it."""
    message = make_message()
    freeze_to(message, recipients(4))
    write_back = claims.write_back
    broken: list[int] = []

    def break_once(owner: str, results: Sequence[claims.Result]) -> int:
        if results and not broken:
            broken.append(1)
            raise error("server closed the connection unexpectedly")
        return write_back(owner, results)

    monkeypatch.setattr(claims, "write_back", break_once)
    with bound_source():
        engine.drain()
    assert broken
    assert states(message) == {"accepted": 4}
    assert not message.deliveries.doubtful().exists()
