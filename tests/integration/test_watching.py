"""What operators watch: exact counts, readings of unfinished rows only, hearts that beat."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.db.models import Sum

from micic_portal import beating
from notifications import engine, tasks
from notifications.engine import claims
from notifications.engine.sweeping import take_back
from notifications.enums import DeliveryState, Lane
from notifications.models import Delivery, Heartbeat, ProviderMinute
from notifications.watching import readings
from notifications.watching.counting import fold_old_minutes
from notifications.watching.enums import Heart, Result
from notifications.watching.heartbeats import beat, expect, forget_old, hearts, silent, take_turn
from notifications.watching.readings import (
    MINUTES_SQL,
    OLDEST_SQL,
    WAITING_SQL,
    Waiting,
    read,
    read_lately,
    totals,
)
from tests.factories.deliveries import bound_source, freeze_to, make_message, recipients
from tests.factories.watching import count, heard, make_rows
from tests.sinks import Sinks

pytestmark = pytest.mark.django_db(transaction=True)
WEEK = 7 * 24 * 60


@pytest.fixture
def source() -> Iterator[object]:
    with bound_source() as source:
        yield source


def counted() -> dict[tuple[str, str, str], int]:
    rows = ProviderMinute.objects.values_list("provider", "result", "code").annotate(Sum("number"))
    return {(provider, result, code): number for provider, result, code, number in rows}


def test_every_result_is_counted_once(source: object, sinks: Sinks):
    freeze_to(make_message(), recipients(150))
    engine.drain()
    assert counted() == {
        ("mail.smtp", "accepted", ""): 75,
        ("sms.gateway", "accepted", ""): 75,
    }


def test_two_workers_that_write_at_once_count_together(source: object, sinks: Sinks):
    freeze_to(make_message(), recipients(600))

    def work() -> None:
        try:
            engine.drain()
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert (
        sum(number for (_p, result, _c), number in counted().items() if result == "accepted") == 600
    )


def test_a_result_of_who_has_lost_the_lease_is_not_counted():
    [row] = make_rows()
    claims.claim("first")
    attempts = claims.begin("first", {row.pk: "mail.smtp"})
    late = claims.Result(row.pk, attempts[row.pk], DeliveryState.ACCEPTED)
    assert claims.write_back("second", [late]) == 0
    assert counted() == {}
    assert claims.write_back("first", [late]) == 1
    assert counted() == {("mail.smtp", "accepted", ""): 1}


def test_what_is_to_be_tried_again_keeps_its_code():
    [row] = make_rows()
    claims.claim("one")
    attempts = claims.begin("one", {row.pk: "mail.smtp"})
    again = claims.Result(row.pk, attempts[row.pk], DeliveryState.QUEUED, "http_503", delay=5.0)
    claims.write_back("one", [again])
    assert counted() == {("mail.smtp", "retried", "http_503"): 1}


def test_leases_taken_back_are_counted():
    rows = make_rows(3)
    claims.claim("dead")
    claims.begin("dead", {rows[0].pk: "mail.smtp"})
    assert take_back() == 0
    Delivery.objects.update(lease_until="2026-01-01T00:00Z")
    assert take_back() == 3
    assert sum(n for (_p, result, _c), n in counted().items() if result == "taken_back") == 3


def test_old_minutes_become_one_row_and_totals_never_fall():
    for shard in range(3):
        count(Result.ACCEPTED, 10, minutes_ago=WEEK + 2 + shard, shard=shard)
    count(Result.FAILED, 4, minutes_ago=WEEK + 2, code="bad_address")
    count(Result.ACCEPTED, 5)
    before = totals()
    fold_old_minutes()
    fold_old_minutes()
    assert totals() == before
    assert ProviderMinute.objects.count() == 3
    count(Result.ACCEPTED, 1, minutes_ago=WEEK + 9)
    fold_old_minutes()
    assert ProviderMinute.objects.count() == 3
    assert [one.number for one in totals()] == [36, 4]


def test_a_reading_tells_what_waits_and_for_how_long():
    make_rows(3, due_seconds_ago=90)
    make_rows(2, due_seconds_ago=-60, lane=Lane.ADVICE, channel="sms")
    make_rows(4, due_seconds_ago=300, held=True)
    make_rows(5, state=DeliveryState.ACCEPTED, due_at=None)
    reading = read()
    assert set(reading.waiting) == {
        Waiting(Lane.CRISIS, "mail", "queued", False, 3, 3),
        Waiting(Lane.ADVICE, "sms", "queued", False, 2, 0),
        Waiting(Lane.CRISIS, "mail", "queued", True, 4, 0),
    }
    assert reading.oldest.keys() == {Lane.CRISIS}
    assert 90 <= reading.oldest[Lane.CRISIS] < 120


def test_a_reading_adds_up_what_several_workers_counted():
    for shard in range(3):
        count(Result.ACCEPTED, 7, shard=shard)
    count(Result.ACCEPTED, 1, minutes_ago=90)
    assert [one.number for one in read().minutes] == [21]


def test_however_many_look_the_database_is_asked_once(django_assert_num_queries):
    cache.delete("notifications.reading")
    first = read_lately()
    with django_assert_num_queries(0):
        assert read_lately() == first
    cache.delete("notifications.reading")


@pytest.mark.parametrize(("took", "kept"), [(0.01, 3.0), (2.0, 40.0)])
def test_a_reading_that_took_long_is_kept_longer(monkeypatch: pytest.MonkeyPatch, took, kept):
    clock = iter([0.0, took])
    told: list[float] = []
    monkeypatch.setattr(readings, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    empty = SimpleNamespace(
        get=lambda key: None, set=lambda key, value, seconds: told.append(seconds)
    )
    monkeypatch.setattr(readings, "cache", empty)
    read_lately()
    assert told == [kept]


def plan_of(sql: str, params: list[Any]) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", params)
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.parametrize(
    ("sql", "params"), [(WAITING_SQL, []), (OLDEST_SQL, [[lane.value for lane in Lane]])]
)
def test_finished_rows_are_not_looked_at(sql, params):
    make_rows(5000, state=DeliveryState.ACCEPTED, due_at=None)
    make_rows(20)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE notifications_delivery")
    plan = plan_of(sql, params)
    assert "delivery_due" in plan or "delivery_unfinished" in plan
    assert "Seq Scan" not in plan


def test_the_last_hour_is_read_by_its_index():
    ProviderMinute.objects.bulk_create(
        ProviderMinute(
            minute=f"2026-01-{day:02}T{hour:02}:{minute:02}Z",
            provider="mail.smtp", lane=Lane.CRISIS, result=Result.ACCEPTED, shard=0, number=1,
        )
        for day in range(1, 4) for hour in range(24) for minute in range(60)
    )  # fmt: skip
    count(Result.ACCEPTED, 1)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE notifications_providerminute")
    plan = plan_of(MINUTES_SQL, [60])
    assert "provider_minute_is_one" in plan
    assert "Seq Scan" not in plan


def test_a_task_that_sends_says_that_its_worker_is_alive(source: object):
    for task in (tasks.dispatch, tasks.sweep):
        heard(Heart.WORKER, 3600)
        Heartbeat.objects.exclude(machine="here").delete()
        assert silent(hearts()).keys() == {Heart.WORKER}
        task()
        assert silent(hearts()) == {}


def test_a_heartbeat_is_seldom_written():
    beat(Heart.WORKER)
    first = Heartbeat.objects.get().beaten_at
    beat(Heart.WORKER)
    assert Heartbeat.objects.get().beaten_at == first


def test_one_of_several_takes_the_turn():
    assert take_turn(Heart.WATCH, seconds=25)
    assert not take_turn(Heart.WATCH, seconds=25)
    heard(Heart.WATCH, 30, machine="")
    assert take_turn(Heart.WATCH, seconds=25)


def test_one_machine_that_is_alive_is_enough_and_the_newest_silence_counts():
    heard(Heart.SCHEDULER, 5)
    heard(Heart.WORKER, 1000, "old")
    heard(Heart.WORKER, 5, "new")
    assert silent(hearts()) == {}
    heard(Heart.WORKER, 500, "new")
    assert silent(hearts()).keys() == {Heart.WORKER}
    heard(Heart.SCHEDULER, 61)
    assert silent(hearts()).keys() == {Heart.SCHEDULER}  # Who is not called does not beat.


def test_a_scheduler_that_was_never_started_is_missed():
    expect()
    assert hearts().keys() == {Heart.SCHEDULER, Heart.WORKER}
    Heartbeat.objects.update(beaten_at="2026-01-01T00:00Z")
    expect()
    assert silent(hearts()).keys() == {Heart.SCHEDULER}


def test_machines_of_last_week_are_forgotten_and_the_last_beat_is_not():
    heard(Heart.WORKER, 60 * (WEEK + 9), "older")
    heard(Heart.WORKER, 60 * (WEEK + 5), "last")
    heard(Heart.SCHEDULER, 60 * (WEEK + 5), "only")
    forget_old()
    assert set(Heartbeat.objects.values_list("machine", flat=True)) == {"last", "only"}


class _Clock(beating.BeatingScheduler):
    """A scheduler with nothing to call."""

    def __init__(self) -> None:
        self._heap: list[Any] = []
        self.old_schedulers: dict[str, Any] = {}
        self.max_interval = 10.0

    def wait(self) -> None:
        assert self._beating is not None
        self._beating.join()

    @property
    def schedule(self) -> dict[str, object]:
        return {}


def test_the_scheduler_beats_when_it_looks_at_its_clock():
    clock = _Clock()
    assert clock.tick() == 10.0
    clock.wait()
    assert hearts().keys() == {Heart.SCHEDULER}


def test_a_database_that_hangs_does_not_stop_the_clock(monkeypatch: pytest.MonkeyPatch):
    done = threading.Event()
    monkeypatch.setattr(beating, "_beat", done.wait)
    clock = _Clock()
    assert clock.tick() == 10.0
    hanging = clock._beating
    clock._beats_at = 0.0
    assert clock.tick() == 10.0
    assert clock._beating is hanging
    done.set()
    clock.wait()


def test_a_database_that_is_away_does_not_stop_the_clock(monkeypatch: pytest.MonkeyPatch, caplog):
    def refuse(name: Heart) -> None:
        raise OperationalError

    monkeypatch.setattr("notifications.watching.heartbeats.beat", refuse)
    clock = _Clock()
    clock.tick()
    clock.wait()
    assert "heartbeat was not written" in caplog.text
