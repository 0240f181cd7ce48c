"""Who is counted and who is written to, by place, days, freshness, consent and channel."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from audit.models import Entry
from crises import actions
from crises.audience import audience
from crises.enums import ALL_CLASSES, DEFAULT_CLASSES
from crises.previewing import preview
from geography.areas import Area
from geography.covers import keep
from registrations.answers import ContactAnswer
from registrations.models import ContactPoint, Stay
from tests.factories.accounts import make_coordinator, make_officer, make_post
from tests.factories.crises import KATHMANDU, area_of, make_crisis, make_people
from tests.factories.registrations import country_stay, make_person, pin_stay, place_stay, today

pytestmark = pytest.mark.django_db


def window() -> tuple[datetime, datetime]:
    now = timezone.now()
    return now, now + timedelta(hours=72)


def people_in(area=KATHMANDU, classes=DEFAULT_CLASSES) -> set[object]:
    return set(audience(area, *window(), classes).values_list("person_id", flat=True))


class TestClasses:
    def test_a_pin_is_inside_and_one_elsewhere_is_not(self):
        inside = make_person()
        make_person(stays=(pin_stay(28.9, 83.9),))
        assert people_in() == {inside.pk}

    def test_a_country_is_somewhere_and_left_out_unless_chosen(self):
        somewhere = make_person(stays=(country_stay(),))
        assert people_in() == set()
        assert people_in(classes=ALL_CLASSES) == {somewhere.pk}

    def test_a_town_is_possibly_inside_until_all_of_it_is(self, django_db_blocker):
        from tests.factories.registrations import make_places

        town = make_places()["Kathmandu NP"]
        person = make_person(stays=(place_stay(town),))
        # The town's disc of 8 km reaches out of this one, and lies wholly within the other.
        small = Area.circle(27.7, 85.32, 5)
        assert people_in(small) == {person.pk}
        assert people_in(small, classes=["inside", "confirmed"]) == set()
        assert preview(small, *window(), DEFAULT_CLASSES).by_match == {"possibly": 1}
        assert people_in(classes=["inside", "confirmed"]) == {person.pk}

    def test_the_surest_of_several_stays_counts_once(self):
        make_person(stays=(country_stay(), pin_stay()))
        found = preview(KATHMANDU, *window(), ALL_CLASSES)
        assert (found.people, found.by_match) == (1, {"inside": 1})

    def test_who_left_yesterday_is_possibly_there_and_who_left_last_week_expired(self):
        yesterday = make_person()
        last_week = make_person()
        Stay.objects.update(starts_on=today() - timedelta(days=20))
        Stay.objects.filter(person=yesterday).update(ends_on=today() - timedelta(days=1))
        Stay.objects.filter(person=last_week).update(ends_on=today() - timedelta(days=7))
        assert last_week.pk not in people_in()
        assert last_week.pk in people_in(classes=ALL_CLASSES)
        assert yesterday.pk in people_in(classes=ALL_CLASSES)
        assert people_in(classes=["inside", "confirmed"]) == set()

    def test_a_word_older_than_a_year_is_stale(self):
        person = make_person()
        Stay.objects.update(confirmed_at=timezone.now() - timedelta(days=400))
        assert preview(KATHMANDU, *window(), DEFAULT_CLASSES).by_confidence == {"stale": 1}
        assert people_in() == {person.pk}
        assert people_in(classes=["inside", "confirmed"]) == set()

    def test_who_comes_after_the_window_is_not_there(self):
        make_person(stays=(replace(pin_stay(), starts_on=today() + timedelta(days=6)),))
        assert people_in(classes=ALL_CLASSES) == set()

    def test_a_whole_country(self):
        make_person(stays=(country_stay(),))
        make_person(stays=(pin_stay(28.9, 83.9),))
        assert len(people_in(Area.countries(["NP"]))) == 2


class TestWhoIsWrittenTo:
    def test_nobody_who_has_withdrawn(self):
        from audit.actors import Actor
        from registrations.actions import withdraw_consent

        person = make_person()
        withdraw_consent(
            person_id=person.pk, purpose="crisis_contact", by=Actor.traveller(person.pk)
        )
        assert people_in() == set()
        assert preview(KATHMANDU, *window(), ALL_CLASSES).people == 0

    def test_an_unproved_contact_point_is_unreachable(self):
        make_person()
        ContactPoint.objects.update(verified_at=None)
        found = preview(KATHMANDU, *window(), DEFAULT_CLASSES)
        assert (found.people, found.messages, found.unreachable) == (1, 0, 1)

    def test_a_family_s_one_address_is_shown_as_a_duplicate(self):
        shared = (ContactAnswer("mail", "family@example.org", verified_at=timezone.now()),)
        make_person(contacts=shared)
        make_person(contacts=shared)
        found = preview(KATHMANDU, *window(), DEFAULT_CLASSES)
        assert (found.people, found.messages, found.duplicates) == (2, 2, 1)

    def test_counts_follow_the_chosen_classes_and_bars_show_all(self):
        make_people(3)
        make_person(stays=(country_stay(),), language="fr")
        found = preview(KATHMANDU, *window(), DEFAULT_CLASSES)
        assert found.people == 3
        assert found.by_match == {"inside": 3, "somewhere": 1}
        assert found.by_language == {"es": 3}

    def test_an_empty_area(self):
        found = preview(Area.circle(0, -30, 10), *window(), ALL_CLASSES)
        assert (found.people, found.messages, found.by_channel) == (0, 0, {})

    def test_one_query_counts_all(self, django_assert_max_num_queries):
        make_people(4)
        preview(KATHMANDU, *window(), ALL_CLASSES)
        keep(KATHMANDU)  # as it is once a crisis has it
        with django_assert_max_num_queries(3):  # places and cells of the area, then the count
            preview(KATHMANDU, *window(), ALL_CLASSES)


class TestWhoMayCount:
    def count(self, crisis, by, **changes: object):
        start, end = window()
        given = {
            "crisis": crisis,
            "area": area_of(crisis),
            "window_start": start,
            "window_end": end,
            "classes": DEFAULT_CLASSES,
            "by": by,
        }
        return actions.preview_audience(**(given | changes))

    def test_each_count_is_in_the_ledger(self):
        make_people(1)
        crisis = make_crisis()
        self.count(crisis, crisis.opened_by)
        entry = Entry.objects.get(action="audience.preview")
        assert entry.details["people"] == 1
        assert entry.details["digest"] == area_of(crisis).digest
        assert entry.actor_id == str(crisis.opened_by_id)
        assert entry.purpose == "crisis"

    def test_a_drill_s_purpose_is_an_exercise(self):
        crisis = make_crisis(is_drill=True)
        self.count(crisis, crisis.opened_by)
        assert Entry.objects.get(action="audience.preview").purpose == "exercise"

    def test_nobody_counts_in_a_closed_crisis(self):
        crisis = make_crisis()
        actions.close_crisis(crisis=crisis, by=crisis.opened_by)
        crisis.refresh_from_db()
        with pytest.raises(actions.Refused, match="closed"):
            self.count(crisis, crisis.opened_by)

    def test_nobody_from_elsewhere_counts(self):
        crisis = make_crisis()
        with pytest.raises(actions.Refused, match="countries of your post"):
            self.count(crisis, make_officer(post=make_post(jurisdiction=["JP"], city="Tokyo")))
        self.count(crisis, make_coordinator())

    def test_the_area_of_another_crisis(self):
        crisis, other = make_crisis(), make_crisis()
        with pytest.raises(actions.Refused, match="another crisis"):
            self.count(crisis, crisis.opened_by, area=area_of(other))

    @pytest.mark.parametrize(
        "classes", [[], ["inside"], ["confirmed"], ["inside", "confirmed", "everybody"]]
    )
    def test_classes_that_choose_nobody(self, classes):
        crisis = make_crisis()
        with pytest.raises(actions.Refused, match="at least one"):
            self.count(crisis, crisis.opened_by, classes=classes)

    def test_a_window_that_runs_backwards_or_for_ever(self):
        crisis = make_crisis()
        start, _end = window()
        for end in (start, start - timedelta(hours=1), start + timedelta(days=400)):
            with pytest.raises(actions.Refused):
                self.count(crisis, crisis.opened_by, window_end=end)
