"""The benchmark sends for real, on every side, and its figures bear the names that are promised."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module

import pytest
from django.db import connection

from benchmarks import population
from benchmarks.dispatching import (
    Arrivals,
    Dispatch,
    NotSent,
    Plan,
    figures_of,
    measure,
    schema_for_peers,
    table,
)
from benchmarks.freezes import officers, open_crisis
from benchmarks.recipients import TooFew, seal_recipients
from geography.areas import Area
from micic_portal.celery import app
from micic_portal.demo.staff import ensure_demo_staff
from micic_portal.timetable import TIMETABLE
from registrations.models import ContactPoint
from tests.factories.registrations import make_places
from tests.processes import environment, process
from tests.sinks import Sinks

WORKER = """
from micic_portal.celery import app
app.worker_main(["worker", "--pool", "solo", "--loglevel", "WARNING", "--without-mingle",
                 "--without-gossip", "--without-heartbeat"])
"""
NEAR_SANTIAGO = Area.circle(-33.45694, -70.64827, 12)
PROMISED = {
    "portal_per_s",
    "task_per_notice_per_s",
    "post_office_per_s",
    "bare_per_s",
    "first_s",
    "freeze_s",
}
PEERS = {
    "per_notice": 250.0,
    "post_office": 500.0,
    "post_office_tuned": 900.0,
    "bare": 5000.0,
}


@pytest.fixture
def town(transactional_db) -> Iterator[None]:
    """2,000 stays in a few cities, and officers; what is made beside the tables goes with them."""
    make_places()
    ensure_demo_staff()
    population.fill(2_000)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS peers CASCADE")
        cursor.execute("DROP TABLE IF EXISTS drawn, drawn_person")


def test_every_side_sends_what_it_should(town, sinks: Sinks):
    pytest.importorskip("post_office")
    seal_recipients(24, NEAR_SANTIAGO)
    variables = environment(sinks)
    said: list[str] = []
    with process(WORKER, sinks) as worker:
        found = measure(
            Plan(24, runs=1, per_notice=4, post_office=4, post_office_tuned=4, bare=8),
            crisis=open_crisis(NEAR_SANTIAGO, by=officers()[0]),
            officers=officers(),
            arrivals=Arrivals(sinks.base),
            peers=variables | {"DATABASE_URL": schema_for_peers(variables["DATABASE_URL"])},
            processes={"worker": worker.pid},
            say=said.append,
        )
    assert found.keys() >= PROMISED
    assert all(found[name] > 0 for name in PROMISED)
    assert len(said) == 5


def test_the_audience_is_as_large_as_wanted_and_opens(town):
    seal_recipients(81, NEAR_SANTIAGO)
    points = list(ContactPoint.objects.order_by("pk"))
    assert len({point.person_id for point in points}) == len(points) == 81
    mails = {point.address for point in points if point.channel == "mail"}
    numbers = {point.address for point in points if point.channel == "sms"}
    assert (len(mails), len(numbers)) == (40, 41)
    assert all(address.endswith("@mail.example") for address in mails)
    assert all(number.startswith("+5255") for number in numbers)
    with pytest.raises(TooFew):
        seal_recipients(2_001, NEAR_SANTIAGO)


def test_what_the_sinks_lack_ends_the_run(sinks: Sinks):
    with pytest.raises(NotSent):
        Arrivals(sinks.base).check(1)
    Arrivals(sinks.base).check(0)


@pytest.fixture
def timetable() -> Iterator[None]:
    yield
    app.conf.beat_schedule = TIMETABLE


def test_the_hour_brings_nothing_beside_the_notices(timetable):
    left = import_module("benchmarks.hourless").app.conf.beat_schedule
    assert {"sweep-deliveries", "sweep-notices"} <= left.keys()
    assert not {"remind", "announce-advice"} & left.keys()


def test_the_goals_are_judged():
    dispatches = [
        Dispatch(freeze_s=2.0, first_s=first, per_s=rate, cpu_us={"worker": 200})
        for first, rate in ((0.4, 2500.0), (1.0, 2600.0), (1.2, 2400.0))
    ]
    found = figures_of(dispatches, PEERS)
    assert json.loads(json.dumps(found)) == found
    assert (found["portal_per_s"], found["first_s"]) == (2500.0, 1.0)
    assert [line.reached for line in table(found) if line.must] == [True] * 4
    faster = PEERS | {"per_notice": 251.0, "post_office": 501.0, "bare": 5100.0}
    late = [Dispatch(freeze_s=2.0, first_s=1.1, per_s=2500.0, cpu_us={})]
    judged = table(figures_of(late, faster))
    assert [line.reached for line in judged if line.must] == [False] * 4
