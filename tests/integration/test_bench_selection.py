"""The benchmark fills plausible stays, asks both sides the same, and finds a wrong audience out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import Exists, F, OuterRef

from benchmarks import debian, freezes, growing, population, selecting
from benchmarks.areas import Ground, grounds, window
from benchmarks.asking import count, everybody, keep, portal_people, postgis_people
from benchmarks.exactness import Stays, Wrong, counted
from benchmarks.postgis import Asked
from geography.areas import Area
from micic_portal.demo.staff import ensure_demo_staff
from registrations.models import OPEN_END, Consent, Person, Stay
from tests.factories.registrations import make_places

NEAR_SANTIAGO = Ground(
    "Santiago", lambda hairs: Area.circle(-33.45694, -70.64827, 12 + hairs * 1e-6), True
)
HAITI: dict[str, Any] = {
    "name": "Haiti",
    "is_metropolitan": False,
    "postgis_cold_ms": 80.0,
    "postgis_warm_ms": 40.0,
    "cold_ms": 20.0,
    "warm_ms": 4.0,
    "missed": 0,
    "over": 0,
    "people": 900,
    "preview_cold_ms": 90.0,
}
TOKYO = HAITI | {"name": "Tokyo", "is_metropolitan": True, "preview_cold_ms": 30.0}
PROMISED = {"name", "postgis_cold_ms", "postgis_warm_ms", "cold_ms", "warm_ms"} | {
    "missed",
    "over",
    "people",
}


@pytest.fixture
def places(transactional_db) -> Iterator[None]:
    """A few cities; what the benchmarks made beside the portal's tables goes with them."""
    make_places()
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS small CASCADE")
        cursor.execute(
            "DROP TABLE IF EXISTS drawn, drawn_person, bare_delivery, bare_chosen, audience"
        )


@pytest.fixture
def filled(places) -> None:
    """2,000 stays in those cities."""
    population.fill(2_000)


def test_the_stays_are_of_every_kind(filled):
    assert Stay.objects.count() == 2_000
    assert Stay.objects.filter(ends_on=OPEN_END).count() == pytest.approx(600, abs=100)
    for precision, share in population.PRECISIONS.items():
        found = Stay.objects.filter(precision=precision).count()
        assert found == pytest.approx(2_000 * share, abs=70)
    # By inhabitants: of these cities Santiago has half.
    assert Stay.objects.filter(country="CL").count() == pytest.approx(1_140, abs=120)
    people = Person.objects.count()
    assert people == pytest.approx(1_740, abs=60)
    assert Person.objects.filter(contact_points__isnull=False).count() > people
    assert 0 < Consent.objects.filter(withdrawn_at__isnull=False).count() < Consent.objects.count()
    assert Consent.objects.count() < people
    standing = Consent.objects.filter(person=OuterRef("person_id"), withdrawn_at__isnull=True)
    astray = Stay.objects.annotate(truth=Exists(standing)).exclude(contact_agreed=F("truth"))
    assert not astray.exists()


def test_stays_gather_where_they_are_wanted(places):
    population.fill(1_000, near=Area.circle(-18.14, 178.44, 50), share=0.9)
    # Nine in ten, save for the second stages that lead to another town.
    assert Stay.objects.filter(country="FJ").count() == pytest.approx(840, abs=40)


def test_a_wrong_audience_is_found_out(filled):
    days = window()
    there = Stays.load(everybody(days))
    area = NEAR_SANTIAGO.area()
    answer = keep(lambda: portal_people(area, days))
    people = counted()
    assert answer.people == len(people) == count(lambda: portal_people(area, days)).people > 50
    assert there.compare(area.geometry, people) == Wrong(0, 0)
    some = set(sorted(people)[:3])
    in_fiji = set(there.person[there.latitude > -20].tolist())
    somebody = min(in_fiji - people)
    assert there.compare(area.geometry, people - some) == Wrong(3, 0)
    assert there.compare(area.geometry, people | {somebody}) == Wrong(0, 1)


def test_the_peer_is_asked_for_the_same_days_and_consent(filled):
    days = window()
    asked = Asked("SELECT * FROM registrations_stay WHERE country = %s", ["CL"])
    wanted = everybody(days).filter(country="CL").values("person_id").distinct().count()
    assert keep(lambda: postgis_people(asked, days)).people == wanted
    assert 0 < wanted < Stay.objects.filter(country="CL").count() / 2


def test_an_unseen_area_is_another_to_every_cache_and_holds_the_same_people(filled):
    days = window()
    first, second, third = (
        NEAR_SANTIAGO.area(),
        NEAR_SANTIAGO.unseen(),
        NEAR_SANTIAGO.unseen(),
    )
    assert len({first.digest, second.digest, third.digest}) == 3
    found = [keep(partial(portal_people, area, days)).people for area in (first, third)]
    assert found[0] == found[1] > 50
    for ground in grounds():
        assert ground.area().digest != ground.unseen().digest
        assert not ground.area().country_codes


def test_the_small_tables_hold_the_same_audience(filled):
    stays = growing.build_small(1_500, [NEAR_SANTIAGO])
    assert stays == pytest.approx(1_500, abs=60)
    figures = growing.measure_growth([NEAR_SANTIAGO], window(), small_stays=stays, runs=2)
    assert figures["areas"][0]["people"] > 50
    assert figures["ratio"] == figures["areas"][0]["ratio"] > 0
    with growing.small():
        assert Stay.objects.count() == stays
    assert Stay.objects.count() == 2_000


def test_a_freeze_is_measured_beside_the_same_rows(filled):
    ensure_demo_staff()
    figures = freezes.measure(NEAR_SANTIAGO.area(), runs=1, say=lambda line: None)
    assert figures.keys() >= {"recipients", "portal_s", "bare_s"}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT message_id), "
            "count(DISTINCT (message_id, recipient_id)) FROM bare_delivery"
        )
        assert cursor.fetchone() == (2 * figures["recipients"], 2, 2 * figures["recipients"])
        cursor.execute(
            "SELECT count(*) FROM pg_indexes WHERE tablename IN "
            "('bare_delivery', 'notifications_delivery') GROUP BY tablename"
        )
        (bare,), (portal,) = cursor.fetchall()
        assert bare == portal


def test_the_figures_bear_the_promised_names():
    assert HAITI.keys() >= PROMISED
    figures = selecting.summary([HAITI, TOKYO])
    assert figures["geomean_warm"] == 10
    assert figures["geomean_cold"] == 4
    # A country's preview may take longer than a city's.
    assert figures["preview_cold_ms"] == 30
    judged = selecting.table(figures | {"areas": [], "growth": {"ratio": 1.1}})
    assert [line.reached for line in judged] == [True] * 7
    wrong = HAITI | {"cold_ms": 81.0, "missed": 1, "over": 2}
    slow = selecting.summary([wrong, TOKYO | {"preview_cold_ms": 51.0, "warm_ms": 4.1}])
    judged = selecting.table(slow | {"areas": [], "growth": {"ratio": 1.21}})
    assert [line.reached for line in judged] == [False] * 7


def test_the_freeze_may_take_three_times_the_bare_insert():
    figures = {"recipients": 100_000, "portal_s": 3.0, "bare_s": 1.0, "times": 3.0}
    assert [line.reached for line in freezes.table(figures) if line.must] == [True]
    assert [line.reached for line in freezes.table(figures | {"times": 3.01}) if line.must] == [
        False
    ]


def test_without_postgis_it_says_what_to_install(monkeypatch, tmp_path: Path):
    monkeypatch.setattr(debian, "POSTGIS", tmp_path / "postgis.control")
    with pytest.raises(debian.Unavailable, match="apt-get install postgresql-15-postgis-3"):
        debian.DebianPostgres(tmp_path).start()
