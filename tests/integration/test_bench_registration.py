"""The benchmark's visitors register for real, and its figures bear the names that are promised."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest
from django.core.cache import cache

from benchmarks import results
from benchmarks.load import Numbers, as_fast_as_possible, at_rate, percentile, rate
from benchmarks.registering import Measured, table
from benchmarks.travellers import Seen, Town, Traveller, WrongTurn
from registrations.models import Person
from tests.factories.registrations import KATHMANDU, make_places
from tests.processes import process
from tests.sinks import Sinks

WORKER = """
from micic_portal.celery import app
app.worker_main(["worker", "--pool", "solo", "--loglevel", "WARNING", "--without-mingle",
                 "--without-gossip", "--without-heartbeat"])
"""
PROMISED = {
    "portal_requests_per_s",
    "bare_requests_per_s",
    "requests_per_registration",
    "registrations_per_s",
    "p95_ms",
}


async def register_together(count: int, base: str, sinks: str) -> Seen:
    seen, town = Seen(), Town(KATHMANDU, "Kathmandu", "NP")
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        asyncio.TaskGroup() as group,
    ):
        for number in range(1, count + 1):
            visitor = Traveller(session, base=base, sinks=sinks, number=number, town=town)
            group.create_task(visitor.register(seen))
    return seen


@pytest.mark.django_db(transaction=True)
def test_three_visitors_register_with_the_limits_on(live_server, sinks: Sinks, settings):
    cache.clear()
    make_places()
    settings.TRUSTED_PROXIES = 1
    # Each comes from a network of its own, or the second one would get no code.
    settings.REGISTRATION_LIMITS = settings.REGISTRATION_LIMITS | {"codes_per_network_hour": 1}
    with process(WORKER, sinks):
        seen = asyncio.run(register_together(3, live_server.url, sinks.base))
    assert Person.objects.count() == len(seen.registered) == 3
    assert len(seen.code_waits) == 3
    assert sum(seen.requests_each) == len(seen.requests)
    assert max(seen.requests_each) <= 16


@pytest.mark.django_db(transaction=True)
def test_a_page_that_refuses_ends_the_run(live_server, sinks: Sinks, settings):
    cache.clear()
    settings.REGISTRATION_LIMITS = settings.REGISTRATION_LIMITS | {"codes_per_network_hour": 0}
    with pytest.raises(ExceptionGroup) as failed:
        asyncio.run(register_together(1, live_server.url, sinks.base))
    assert "POST /register/who/ was answered with 200" in str(failed.value.exceptions[0])
    assert isinstance(failed.value.exceptions[0], WrongTurn)


def test_the_figures_bear_the_promised_names(tmp_path):
    measured = Measured(
        portal_requests=[200.0, 220.0],
        bare_requests=[800.0, 700.0],
        registrations=[14.0, 15.0],
        requests_each=[14, 14],
        latencies=[0.01] * 95 + [0.2] * 5,
        code_waits=[0.1],
        cpu_ms={"web": 90.0},
    )
    figures = measured.figures()
    assert figures.keys() >= PROMISED
    path = results.write("registration", figures, tmp_path)
    assert json.loads(path.read_text(encoding="utf-8")) == figures
    assert figures["p95_ms"] == 10.0
    assert [line.reached for line in table(figures) if line.must] == [True] * 4
    slow = figures | {"portal_requests_per_s": 100, "p95_ms": 301}
    assert [line.reached for line in table(slow) if line.must] == [False, True, True, False]


def test_the_committed_result_holds_what_is_promised():
    found = json.loads((results.FOLDER / "registration.json").read_text(encoding="utf-8"))
    assert found.keys() >= PROMISED | {"cores", "versions", "rows"}


def test_a_rate_counts_what_lies_in_its_window():
    assert rate([0.5, 1.0, 1.5, 2.0], (1.0, 2.0)) == 2
    assert percentile([], 0.95) == 0
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([1.0] * 19 + [9.0], 0.95) == 1.0


def test_both_kinds_of_load_number_their_visitors_apart():
    given: list[int] = []

    async def job(number: int) -> None:
        given.append(number)
        await asyncio.sleep(0)

    async def run() -> None:
        numbers = Numbers()
        await as_fast_as_possible(job, numbers, visitors=3, seconds=0.05)
        await at_rate(job, numbers, per_second=100, seconds=0.05)

    asyncio.run(run())
    assert len(given) > 5
    assert len(set(given)) == len(given)
