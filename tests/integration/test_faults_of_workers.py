"""Workers that die at each step of a letter, whose clock is wrong, that run on two machines, or
whom no scheduler wakes (docs/faults.md)."""

from __future__ import annotations

import signal
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from notifications import engine
from notifications.engine import claims, limits
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

# A worker whose process ends, as by SIGKILL, where it would do this.
_DIES = """
import os, signal
import django; django.setup()
from notifications import engine
from notifications.engine import claims, courier, draining
from tests.factories.deliveries import bound_source
def die(*args, **options):
    os.kill(os.getpid(), signal.SIGKILL)
{where} = die
with bound_source():
    engine.drain()
"""
_ON_A_MACHINE = """
import socket
socket.gethostname = lambda: {name!r}
import django; django.setup()
from notifications import engine
from tests.factories.deliveries import bound_source
with bound_source():
    engine.drain()
"""
_TEN = 10  # Half of them by mail.


def _die(where: str, sinks: Sinks) -> None:
    with process(_DIES.format(where=where), sinks) as worker:
        assert worker.wait(timeout=60) == -signal.SIGKILL


def _settle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the scheduler: what a worker does when it next hears the bell."""
    monkeypatch.setattr(limits, "REPAIR_EVERY_SECONDS", 0.0)
    let_leases_run_out()
    with bound_source():
        engine.drain()


def test_killed_before_the_attempt_is_committed_nobody_is_in_doubt(
    sinks: Sinks, monkeypatch: pytest.MonkeyPatch
):
    message = make_message()
    freeze_to(message, recipients(_TEN))
    _die("claims.begin", sinks)
    assert states(message) == {"claimed": _TEN}
    _settle(monkeypatch)
    assert states(message) == {"accepted": _TEN}
    assert set(message.deliveries.values_list("attempt", "doubts")) == {(1, 0)}
    assert sinks.counts()["duplicates"] == 0


def test_killed_before_anything_left_each_is_sent_again_on_the_same_row(
    sinks: Sinks, monkeypatch: pytest.MonkeyPatch
):
    message = make_message()
    freeze_to(message, recipients(_TEN))
    _die("courier.Courier.send", sinks)
    assert states(message) == {"sending": _TEN}
    assert sinks.references() == set()
    _settle(monkeypatch)
    assert states(message) == {"accepted": _TEN}
    assert set(message.deliveries.values_list("attempt", "doubts")) == {(2, 1)}
    counts = sinks.counts()
    # The gateway was asked, and said that it has none of them; the mail server cannot be.
    assert (counts["look_ups"], counts["duplicates"]) == (_TEN / 2, 0)
    assert len(sinks.references()) == _TEN


def test_killed_between_the_providers_yes_and_our_commit_only_what_is_listed_goes_twice(
    sinks: Sinks, monkeypatch: pytest.MonkeyPatch
):
    message = make_message()
    freeze_to(message, recipients(_TEN))
    _die("draining._Drain._tell", sinks)
    assert states(message) == {"sending": _TEN}
    assert len(sinks.references()) == _TEN
    _settle(monkeypatch)
    assert states(message) == {"accepted": _TEN}
    by_channel = set(message.deliveries.values_list("channel", "attempt", "doubts"))
    assert by_channel == {("sms", 1, 1), ("mail", 2, 1)}
    counts = sinks.counts()
    assert counts["look_ups"] == _TEN / 2
    mails = message.deliveries.doubtful().filter(channel="mail")
    assert counts["delivered_twice"] == mails.count() == _TEN / 2
    assert counts["repeated_keys"] == 0


@pytest.mark.parametrize("off", [timedelta(hours=1), timedelta(hours=-1)], ids=["fast", "slow"])
def test_a_workers_clock_does_not_matter(
    sinks: Sinks, monkeypatch: pytest.MonkeyPatch, off: timedelta
):
    message = make_message(expires_in=timedelta(minutes=30))
    over = make_message(expires_in=timedelta(seconds=30))
    freeze_to(message, recipients(_TEN))
    freeze_to(over, recipients(_TEN))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_message SET expires_at = now() - interval '1 minute'"
            " WHERE id = %s",
            [over.pk],
        )
    now = timezone.now
    with monkeypatch.context() as patch:
        patch.setattr("django.utils.timezone.now", lambda: now() + off)
        patch.setattr("time.time", lambda: (now() + off).timestamp())
        with bound_source():
            engine.drain()
        assert engine.sweep().taken_back == 0
    assert states(message) == {"accepted": _TEN}
    assert states(over) == {"cancelled": _TEN}
    times = message.deliveries.values_list("accepted_at", flat=True)
    assert all(abs(timezone.now() - at) < timedelta(minutes=5) for at in times if at)


def test_workers_of_two_machines_share_the_work_and_what_a_dead_one_leaves(
    sinks: Sinks, monkeypatch: pytest.MonkeyPatch
):
    sinks.play(latency_seconds=0.05)
    message = make_message()
    freeze_to(message, recipients(1500))
    with (
        process(_ON_A_MACHINE.format(name="machine-a"), sinks) as one,
        process(_ON_A_MACHINE.format(name="machine-b"), sinks) as other,
    ):
        wait_until(lambda: len(_machines()) == 2, 60)
        one.send_signal(signal.SIGKILL)
        assert other.wait(timeout=60) == 0
    _settle(monkeypatch)
    _settle(monkeypatch)
    assert states(message) == {"accepted": 1500}
    assert len(sinks.references()) == 1500
    doubtful = message.deliveries.doubtful().count()
    assert sinks.counts()["delivered_twice"] <= doubtful
    assert doubtful <= limits.SLICE * limits.SLICES_IN_FLIGHT


def _machines() -> set[str]:
    owners = Delivery.objects.filter(attempt__gt=0).values_list("lease_owner", flat=True)
    return {owner.rpartition("-")[0] for owner in owners}


def test_without_a_scheduler_a_workers_own_repair_takes_back_what_another_left(
    sinks: Sinks, monkeypatch: pytest.MonkeyPatch
):
    message = make_message()
    freeze_to(message, recipients(_TEN), channels=["sms"])
    rows = claims.claim("a worker that dies")
    claims.begin("a worker that dies", with_providers(rows[:4]))
    assert states(message) == {"claimed": 6, "sending": 4}
    _settle(monkeypatch)  # Nobody sweeps: somebody else's letter rang the bell.
    assert states(message) == {"accepted": _TEN}
    assert message.deliveries.doubtful().count() == 4
    assert sinks.counts()["duplicates"] == 0
