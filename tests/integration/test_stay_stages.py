"""Where someone is who stays in several places: who moved on, who left, and who may be in both."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from audit.actors import Actor
from geography.areas import Area
from registrations.actions import leave_stays, merge_people, return_to_stays
from registrations.answers import StayAnswer
from registrations.models import OPEN_END, Person, Stay
from tests.factories.registrations import country_stay, make_person, pin_stay

pytestmark = pytest.mark.django_db

KATHMANDU = Area.circle(27.7, 85.3, 40)
# The window is a Wednesday to a Saturday, all of it in the years to come.
FIRST = dt.date(2030, 5, 15)


def day(offset: int) -> dt.date:
    """A day of the calendar, counted from the window's first in UTC."""
    return FIRST + dt.timedelta(days=offset)


def here(starts: int, ends: int | None, **changes: Any) -> StayAnswer:
    usual: dict[str, Any] = {**_days(starts, ends), "time_zone": "UTC", "admin1": "P3"}
    return pin_stay(**(usual | changes))


def away(starts: int, ends: int | None, **changes: Any) -> StayAnswer:
    """In India, as far as the area is concerned."""
    given = {"country": "IN", "time_zone": "UTC", "admin1": "07"}
    return pin_stay(28.6, 77.2, **{**given, **_days(starts, ends)} | changes)


def _days(starts: int, ends: int | None) -> dict[str, dt.date]:
    return {"starts_on": day(starts), "ends_on": OPEN_END if ends is None else day(ends)}


def found(*, area: Area = KATHMANDU, hour: int = 12, include_expired: bool = True) -> set[dt.date]:
    """The first days of the stays that count in the area."""
    start = dt.datetime.combine(FIRST, dt.time(hour), tzinfo=dt.UTC)
    stays: Any = Stay.objects.in_area(area)
    stays = stays.during(start, start + dt.timedelta(days=3), include_expired=include_expired)
    return set(stays.values_list("starts_on", flat=True))


def register(*stays: StayAnswer) -> Person:
    return make_person(stays=stays)


class TestMovedOn:
    def test_who_flew_on_yesterday_is_not_where_they_were(self):
        register(here(-9, -1), away(0, 9))
        assert found() == set()

    def test_without_another_stage_they_may_be_there_still(self):
        register(here(-9, -1))
        assert found() == {day(-9)}

    def test_somebody_elses_stage_says_nothing(self):
        register(here(-9, -1))
        register(away(0, 9))
        assert found() == {day(-9)}

    def test_a_stage_that_has_not_begun_says_nothing(self):
        register(here(-9, -1), away(1, 9))
        assert found() == {day(-9)}

    def test_a_stage_that_ended_before_the_window_says_nothing(self):
        register(here(-9, -1), away(-1, -1))
        assert found() == {day(-9)}

    def test_on_the_day_of_the_flight_they_count_in_both(self):
        register(here(-9, 0), away(0, 9))
        assert found() == {day(-9)}
        assert found(area=Area.countries(["IN"])) == {day(0)}

    def test_stages_that_overlap_count_in_both(self):
        register(here(-9, 5), away(-2, 9))
        assert found() == {day(-9)}
        assert found(area=Area.countries(["IN"])) == {day(-2)}

    def test_confirming_the_later_of_two_does_not_end_the_earlier(self):
        # Only its last day, or "I have left", does: a plane that did not fly is no rarity.
        register(here(-9, 5), away(-2, 9))
        Stay.objects.filter(country="IN").update(confirmed_at=timezone.now())
        assert found() == {day(-9)}

    @pytest.mark.parametrize("newer", ["NP", "IN"])
    def test_whichever_was_confirmed_last_the_days_decide(self, newer):
        register(here(-9, -1), away(0, 9))
        later = timezone.now() + dt.timedelta(hours=1)
        Stay.objects.filter(country=newer).update(confirmed_at=later)
        assert found() == set()

    def test_a_stay_that_ended_weeks_ago_is_not_shown_as_expired(self):
        register(here(-30, -20), away(-20, 9))
        assert found() == set()

    def test_a_chain_of_three(self):
        register(here(-20, -10), away(-10, -1), away(-1, 9, country="CN"))
        assert found() == found(area=Area.countries(["IN"])) == set()
        assert found(area=Area.countries(["CN"])) == {day(-1)}

    def test_there_and_away_and_back(self):
        register(here(-20, -10), away(-10, -1), here(-1, 9))
        assert day(-1) in found()
        assert found(area=Area.countries(["IN"])) == set()

    def test_a_chain_whose_middle_was_a_day(self):
        register(here(-20, -1), away(-1, -1), away(0, 5, country="CN"))
        assert found() == set()
        assert found(area=Area.countries(["CN"])) == {day(0)}

    def test_back_from_a_journey_within_a_journey(self):
        register(away(-20, 9), here(-5, -1))
        assert found() == set()

    def test_a_place_they_may_still_be_at_is_not_elsewhere(self):
        # The later stay names the country only: they may be in the same town.
        register(here(-9, -1), country_stay("NP", **_days(0, 9)))
        assert day(-9) in found()

    @pytest.mark.parametrize(
        ("changes", "elsewhere"),
        [({"admin1": "P1"}, True), ({"admin1": ""}, False), ({"admin1": "00"}, False)],
    )
    def test_another_region_is_elsewhere_and_an_unknown_one_is_not(self, changes, elsewhere):
        region = {"precision": "region", "cell": None, "country": "NP"}
        register(here(-9, -1), away(0, 9, **region, **changes))
        assert (day(-9) not in found()) is elsewhere

    def test_another_point_of_the_same_region_is_elsewhere(self):
        register(here(-9, -1), here(0, 9, latitude=28.2, longitude=83.98))
        assert found() == set()

    def test_at_sea_is_elsewhere(self):
        register(here(-9, -1), away(0, 9, kind="voyage", country="", admin1=""))
        assert found() == set()

    def test_the_doubt_at_the_beginning_is_kept(self):
        register(here(4, 9), away(-9, 3))
        assert found() == {day(4)}

    def test_both_stages_of_the_same_days(self):
        # Whatever one of them says, the other is not lost for it.
        register(here(-9, -1), away(-9, -1), here(0, 9, latitude=28.2, longitude=83.98))
        assert found() == set()
        register(here(-9, -1, admin1=""), country_stay("NP", **_days(0, 9)))
        assert day(-9) in found()


class TestResidence:
    def test_a_trip_that_ended_is_kept_beside_a_residence_elsewhere(self):
        register(away(-900, None, kind="residence"), here(-9, -1))
        assert found() == {day(-9)}

    def test_a_resident_on_a_trip_counts_in_both(self):
        register(here(-900, None, kind="residence"), away(-3, 9))
        assert found() == {day(-900)}
        assert found(area=Area.countries(["IN"])) == {day(-3)}

    def test_who_moved_house_is_not_where_they_lived(self):
        register(here(-900, -1, kind="residence"), away(-1, None, kind="residence"))
        assert found() == set()

    def test_who_settled_after_a_trip_is_not_on_it(self):
        register(here(-9, -1), away(0, None, kind="residence"))
        assert found() == set()

    def test_who_settled_in_the_middle_of_a_trip_may_be_on_it(self):
        register(here(-9, -1), away(-5, None, kind="residence"))
        assert found() == {day(-9)}

    def test_an_open_end_never_ends(self):
        register(here(-900, None, kind="residence"))
        assert Stay.objects.get().ends_on == dt.date(9999, 12, 31)
        assert found(include_expired=False) == {day(-900)}


class TestDateLine:
    """From 12:00 on the 15th in UTC it is the 16th in Kiritimati, and the 15th in Pago Pago."""

    KIRITIMATI = Area.circle(1.87, -157.4, 40)

    def west_to_east(self, here_ends: int, there_starts: int) -> set[dt.date]:
        """From Kiritimati over the line to Samoa, where the day before is beginning."""
        zone = {"time_zone": "Pacific/Kiritimati", "country": "KI"}
        there = {"time_zone": "Pacific/Pago_Pago", "country": "AS"}
        register(
            here(-9, here_ends, latitude=1.87, longitude=-157.4, **zone),
            away(there_starts, 9, **there),
        )
        return found(area=self.KIRITIMATI)

    def test_who_arrived_the_day_before_they_left(self):
        # They left on the 15th there and came on the 14th here; the window starts on the 16th.
        assert self.west_to_east(0, -1) == set()

    def test_who_is_not_due_to_arrive_yet(self):
        # Here it is the 15th: who arrives on the 16th is still on the way, or still there.
        assert self.west_to_east(0, 1) == {day(-9)}

    def test_begun_there_although_the_calendar_here_is_a_day_behind(self):
        samoa = {"time_zone": "Pacific/Pago_Pago", "country": "AS"}
        register(
            here(-9, -1, latitude=-14.3, longitude=-170.7, **samoa),
            away(1, 9, country="KI", time_zone="Pacific/Kiritimati"),
        )
        assert found(area=Area.circle(-14.3, -170.7, 40)) == set()

    def test_a_residence_across_the_line_begins_a_day_earlier(self):
        kiritimati = {"time_zone": "Pacific/Kiritimati", "country": "KI"}
        register(
            here(-9, 0, latitude=1.87, longitude=-157.4, **kiritimati),
            away(-1, None, kind="residence", country="AS", time_zone="Pacific/Pago_Pago"),
        )
        assert found(area=self.KIRITIMATI) == set()


class TestLeft:
    """By the clock of today: leaving is something that people do now."""

    def window(self, days: int = 3) -> tuple[dt.datetime, dt.datetime]:
        now = timezone.now()
        return min(now, now + dt.timedelta(days=days)), max(now, now + dt.timedelta(days=days))

    def stay(self) -> Stay:
        today = timezone.now().date()
        make_person(
            stays=(
                pin_stay(
                    starts_on=today - dt.timedelta(days=5), ends_on=today + dt.timedelta(days=5)
                ),
            )
        )
        return Stay.objects.get()

    def leave(self, stay: Stay) -> None:
        by = Actor.traveller(stay.person_id)
        assert leave_stays(person_id=stay.person_id, stay_ids=[stay.pk], by=by) == 1

    def counts(self, days: int = 3) -> bool:
        stays: Any = Stay.objects.in_area(KATHMANDU)
        return bool(stays.during(*self.window(days), include_expired=True).exists())

    def test_who_said_that_they_left_is_not_there_on_the_same_day(self):
        stay = self.stay()
        assert self.counts()
        self.leave(stay)
        assert not self.counts()

    def test_nor_in_a_window_that_began_before(self):
        stay = self.stay()
        self.leave(stay)
        now = timezone.now()
        start, end = now - dt.timedelta(days=2), now + dt.timedelta(days=1)
        assert not Stay.objects.during(start, end).exists()
        assert Stay.objects.during(start, end, include_gone=True).exists()

    def test_they_were_there_in_a_window_that_was_over_before(self):
        stay = self.stay()
        self.leave(stay)
        now = timezone.now()
        start, end = now - dt.timedelta(days=4), now - dt.timedelta(days=3)
        assert Stay.objects.during(start, end).exists()

    def test_who_came_back_counts_again(self):
        stay = self.stay()
        self.leave(stay)
        by = Actor.traveller(stay.person_id)
        return_to_stays(person_id=stay.person_id, stay_ids=[stay.pk], by=by)
        assert self.counts()

    def test_another_stay_of_the_same_days_is_not_lost(self):
        today = timezone.now().date()
        days: dict[str, Any] = {"starts_on": today - dt.timedelta(days=5), "ends_on": today}
        make_person(stays=(pin_stay(**days), pin_stay(27.71, 85.31, **days)))
        stay = Stay.objects.order_by("pk").first()
        assert stay is not None
        Stay.objects.filter(pk=stay.pk).update(planned_end=today + dt.timedelta(days=5))
        assert self.counts()

    def test_a_stage_that_was_left_moves_nobody_on(self):
        register(here(-9, -1), away(0, 9))
        Stay.objects.filter(country="IN").update(planned_end=day(12))
        assert found() == {day(-9)}


def test_stays_of_merged_registrations_are_one_persons():
    first = register(here(-9, -1))
    second = register(away(0, 9))
    assert found() == {day(-9)}
    merge_people(kept_id=first.pk, absorbed_id=second.pk, by=Actor.system("tests"))
    assert found() == set()


def test_only_stays_in_doubt_are_looked_up():
    """The condition that asks about other stays stands behind one on the plain last day."""
    for number in range(30):
        register(here(-9, 5 + number))
    register(here(-9, -1), away(0, 9))
    start = dt.datetime.combine(FIRST, dt.time(12), tzinfo=dt.UTC)
    stays = Stay.objects.during(start, start + dt.timedelta(days=3))
    with connection.cursor() as cursor:
        sql, params = stays.values("pk").query.sql_with_params()
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {sql}", params)
        plan = [row[0] for row in cursor.fetchall()]
    lookups = [line for line in plan if " own" in line and "loops=" in line]
    assert lookups
    assert all("loops=1)" in line for line in lookups)
