"""Who is in an area on which days: against brute force, and by the indexes alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geography.areas import Area
from geography.cells import touching
from registrations.models import OPEN_END, Stay
from tests.factories.registrations import (
    country_stay,
    make_person,
    make_places,
    pin_stay,
    place_stay,
    today,
)

pytestmark = pytest.mark.django_db


def utc(year: int, month: int, day: int, hour: int = 0) -> dt.datetime:
    return dt.datetime(year, month, day, hour, tzinfo=dt.UTC)


def in_area(area: Area) -> QuerySet[Any]:
    """The stays with what the query annotates, which the model's type does not show."""
    return Stay.objects.in_area(area)


def during(start: dt.datetime, end: dt.datetime, *, include_expired: bool = False) -> QuerySet[Any]:
    return Stay.objects.during(start, end, include_expired=include_expired)


def test_each_precision_matches_in_its_own_way():
    places = make_places()
    make_person(
        stays=(
            pin_stay(27.7, 85.3),
            pin_stay(48.85, 2.35, country="FR"),
            place_stay(places["Kathmandu NP"]),
            place_stay(places["Suva FJ"]),
            country_stay("NP"),
            country_stay("CL"),
        )
    )
    found = in_area(Area.circle(27.7, 85.32, 5))
    assert sorted(found.values_list("precision", "country", "match")) == [
        ("country", "NP", "somewhere"),
        ("pin", "NP", "inside"),
        ("place", "NP", "possibly"),
    ]
    # The whole disc of the town lies within this one.
    found = in_area(Area.circle(27.7, 85.32, 40))
    assert ("place", "NP", "inside") in found.values_list("precision", "country", "match")


def test_a_country_holds_every_stay_that_names_it():
    places = make_places()
    make_person(
        stays=(pin_stay(27.7, 85.3), place_stay(places["Kathmandu NP"]), country_stay("NP"))
    )
    make_person(stays=(pin_stay(48.85, 2.35, country="FR"),))
    found = in_area(Area.countries(["NP"]))
    assert sorted(found.values_list("precision", "match")) == [
        ("country", "inside"),
        ("pin", "inside"),
        ("place", "inside"),
    ]


def test_a_country_and_a_polygon_together_count_nobody_twice():
    places = make_places()
    make_person(
        stays=(
            pin_stay(27.7, 85.3),
            place_stay(places["Kathmandu NP"]),
            country_stay("NP"),
            country_stay("FR"),
            pin_stay(48.85, 2.35, country="FR"),
        )
    )
    nepal = Area.countries(["NP"])
    box = shapely.box(2, 48, 3, 49)
    area = Area.from_polygons([*shapely.get_parts(nepal.geometry), box], ["NP"])
    found = list(Stay.objects.in_area(area).values_list("precision", "country"))
    assert sorted(found) == [
        ("country", "FR"),
        ("country", "NP"),
        ("pin", "FR"),
        ("pin", "NP"),
        ("place", "NP"),
    ]


def test_it_composes_with_everything_else():
    person = make_person(stays=(pin_stay(), pin_stay(27.71, 85.31)))
    make_person(consents=frozenset({"crisis_contact", "advice"}))
    area = Area.circle(27.7, 85.3, 30)
    now = timezone.now()
    stays = Stay.objects.in_area(area).during(now, now + dt.timedelta(hours=72))
    assert stays.count() == 3
    assert stays.filter(person=person).count() == 2
    assert stays.with_consent("advice").count() == 1
    assert stays.with_consent("crisis_contact").values("person").distinct().count() == 2
    assert stays.exclude(person=person).select_related("person").get().person.name == "Ana Pérez"
    assert type(person).objects.filter(pk__in=stays.values("person_id")).count() == 2
    assert type(person).objects.filter(stays__in=stays).distinct().count() == 2
    assert stays.order_by("-starts_on").first() is not None


@pytest.mark.parametrize(
    ("starts", "ends", "zone", "expected"),
    [
        (dt.date(2027, 3, 10), dt.date(2027, 3, 12), "UTC", (True, False)),
        (dt.date(2027, 3, 9), dt.date(2027, 3, 9), "UTC", (True, True)),
        (dt.date(2027, 3, 8), dt.date(2027, 3, 8), "UTC", (False, None)),
        (dt.date(2027, 3, 13), dt.date(2027, 3, 13), "UTC", (True, True)),
        (dt.date(2027, 3, 14), dt.date(2027, 3, 14), "UTC", (False, None)),
        # Noon of the 10th to noon of the 12th is the 11th to the 13th on Kiritimati.
        (dt.date(2027, 3, 13), dt.date(2027, 3, 13), "Pacific/Kiritimati", (True, False)),
        (dt.date(2027, 3, 14), dt.date(2027, 3, 14), "Pacific/Kiritimati", (True, True)),
        (dt.date(2027, 3, 10), dt.date(2027, 3, 10), "Pacific/Kiritimati", (True, True)),
        (dt.date(2027, 3, 9), dt.date(2027, 3, 9), "Pacific/Kiritimati", (False, None)),
        (dt.date(2020, 1, 1), OPEN_END, "Asia/Kathmandu", (True, False)),
        (dt.date(2027, 3, 10), dt.date(2027, 3, 12), "Unheard/Of", (True, False)),
    ],
)
def test_days_are_those_of_the_place_and_one_more(starts, ends, zone, expected):
    make_person(stays=(pin_stay(starts_on=starts, ends_on=ends, time_zone=zone),))
    stays = during(utc(2027, 3, 10, 12), utc(2027, 3, 12, 12))
    found = list(stays.values_list("day_doubt", flat=True))
    is_in, doubt = expected
    assert found == ([doubt] if is_in else [])


def test_confidence_is_confirmed_stale_or_expired():
    now = timezone.now()
    make_person(stays=(pin_stay(), pin_stay(ends_on=today() + dt.timedelta(days=9))))
    ended = make_person(
        stays=(
            pin_stay(
                starts_on=today() - dt.timedelta(days=40), ends_on=today() - dt.timedelta(days=10)
            ),
        )
    )
    Stay.objects.filter(ends_on=today() + dt.timedelta(days=9)).update(
        confirmed_at=now - dt.timedelta(days=400)
    )
    window = (now, now + dt.timedelta(hours=72))
    found = during(*window).values_list("confidence", flat=True)
    assert sorted(found) == ["confirmed", "stale"]
    expired = during(*window, include_expired=True).filter(confidence="expired")
    assert [stay.person_id for stay in expired] == [ended.pk]


_instants = st.datetimes(
    dt.datetime(2026, 1, 1),  # noqa: DTZ001  (hypothesis adds the zone)
    dt.datetime(2028, 12, 31),  # noqa: DTZ001
    timezones=st.just(dt.UTC),
)
_zones = st.sampled_from(
    ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "UTC", "America/St_Johns"]
)
_hypothesis = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@_hypothesis
@given(
    start=_instants,
    hours=st.integers(0, 500),
    zone=_zones,
    offset=st.integers(-30, 30),
    length=st.integers(0, 40),
)
def test_days_against_brute_force(start, hours, zone, offset, length):
    Stay.objects.all().delete()
    end = start + dt.timedelta(hours=hours)
    starts_on = start.date() + dt.timedelta(days=offset)
    ends_on = starts_on + dt.timedelta(days=length)
    make_person(stays=(pin_stay(starts_on=starts_on, ends_on=ends_on, time_zone=zone),))
    first = start.astimezone(ZoneInfo(zone)).date()
    last = end.astimezone(ZoneInfo(zone)).date()
    one = dt.timedelta(days=1)
    expected = ends_on >= first - one and starts_on <= last + one
    surely = ends_on >= first and starts_on <= last
    found = list(during(start, end).values_list("day_doubt", flat=True))
    assert found == ([not surely] if expected else [])


@_hypothesis
@given(
    latitude=st.floats(-88, 88),
    longitude=st.floats(-180, 180),
    radius=st.floats(1, 400),
    points=st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=1, max_size=30),
)
def test_pins_against_brute_force(latitude, longitude, radius, points):
    """Nobody whose point lies in the area is missed; nobody whose cell is far from it is taken."""
    Stay.objects.all().delete()
    area = Area.circle(latitude, longitude, radius)
    spots = [
        (max(-90.0, min(90.0, latitude + up)), (longitude + along + 180) % 360 - 180)
        for up, along in points
    ]
    make_person(stays=tuple(pin_stay(*spot) for spot in spots))
    found = set(Stay.objects.in_area(area).values_list("cell", flat=True))
    for spot in spots:
        cell = h3.latlng_to_cell(*spot, 7)
        if shapely.intersects_xy(area.geometry, spot[1], spot[0]):
            assert cell in found
        elif cell in found:
            # Taken by its cell, then, which must itself touch.
            assert touching(area.geometry, np.array([cell], dtype=np.int64))[0]


def test_a_hundred_thousand_stays_are_read_by_index():
    places = [place.pk for place in make_places().values()]
    make_person(stays=())
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO registrations_person
                (id, name, language, source, created_at, confirmed_at)
            SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, name, language,
                source, created_at, confirmed_at
            FROM registrations_person, generate_series(0, 49999) n
            """
        )
        cursor.execute(
            """
            INSERT INTO registrations_stay (id, person_id, kind, precision, place_id, cell,
                country, admin1, time_zone, starts_on, ends_on, confirmed_at, purpose,
                asked_in_vain)
            SELECT gen_random_uuid(),
                ('00000000-0000-4000-8000-' || lpad((n %% 50000)::text, 12, '0'))::uuid, 'trip',
                (ARRAY['pin', 'place', 'country'])[1 + n %% 3],
                CASE WHEN n %% 3 = 1 THEN (%s::int[])[1 + n %% 5] END,
                CASE WHEN n %% 3 < 2 THEN 608000000000000000 + n * 7654321::bigint END,
                chr(65 + n %% 26) || chr(65 + n / 26 %% 26), '', 'UTC',
                '2027-01-01'::date + n %% 300, '2027-01-11'::date + n %% 300, now(), '', 0
            FROM generate_series(1, 100000) n
            """,
            [places],
        )
        cursor.execute("ANALYZE registrations_stay")
    stays = Stay.objects.in_area(Area.circle(27.7, 85.3, 50)).during(
        utc(2027, 3, 10), utc(2027, 3, 13)
    )
    plan = stays.values("person_id").explain()
    for index in ("stay_by_cell", "stay_by_place", "stay_somewhere"):
        assert index in plan
    assert "Seq Scan on registrations_stay" not in plan


def test_a_coarse_cover_is_refined():
    make_person(stays=(pin_stay(-33.45, -70.65, country="CL"), pin_stay(27.7, 85.3)))
    # Long and crooked: its border is too long to be covered finely.
    rim = [(-75 + i * 0.05, -40 + (i % 2) * 12.0) for i in range(160)]
    area = Area.from_polygons([shapely.Polygon([*rim, (-66, -60), (-76, -60)])])
    assert not area.cover.exact
    inside = shapely.intersects_xy(area.geometry, -70.65, -33.45)
    found = Stay.objects.in_area(area)
    assert found.filter(country="CL").exists() or not inside
    assert not found.filter(country="NP").exists()


def test_stays_end_after_they_start():
    with pytest.raises(ValueError, match="ends after it starts"):
        replace(pin_stay(), ends_on=today() - dt.timedelta(days=1))
