"""My stays: left, returned to, confirmed, added, changed and removed; the post for where I am."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.actors import Actor
from registrations import actions
from registrations.models import (
    Person,
    Stay,
)
from tests.factories.accounts import make_post
from tests.factories.registrations import KATHMANDU, make_person, pin_stay, today
from tests.factories.visits import acts, refused, send, shown, visit_of

pytestmark = pytest.mark.django_db


def test_the_page_shows_the_number_of_the_post_where_the_person_is_now(visit: Client):
    make_post(name="Embassy in Kathmandu", jurisdiction=["NP"], telephone_24h="+97714411223")
    make_post(name="Consulate in Paris", city="Paris", jurisdiction=["FR"])
    page = shown(visit, "read_registration")
    assert "tel:+97714411223" in page
    assert "Embassy in Kathmandu, day and night" in page
    assert "Consulate in Paris" not in page


def test_the_timeline_shows_past_now_and_coming():
    day = dt.timedelta(days=1)
    person = make_person(
        stays=(
            pin_stay(starts_on=today() - 9 * day, ends_on=today() - 4 * day),
            pin_stay(country="FR"),
            pin_stay(country="CL", starts_on=today() + 20 * day, ends_on=today() + 30 * day),
        )
    )
    page = shown(visit_of(person), "read_registration")
    for word in ("Past", "Now", "Coming"):
        assert f">{word}</span>" in page
    assert page.count('class="bars__fill"') == 3
    assert "The upright line is today." in page
    # Each can be told from the picture by its text alone.
    assert page.index(">Now</span>") < page.index(">Coming</span>") < page.index(">Past</span>")


def test_a_stay_is_left_and_returned_to(visit: Client, person: Person):
    stay = person.stays.get()
    end = stay.ends_on
    send(visit, "leave_own_stay", stay.pk)
    stay.refresh_from_db()
    assert stay.planned_end == end
    page = shown(visit, "read_registration")
    assert "You have left" in page
    assert "I am still there" in page
    send(visit, "return_to_own_stay", stay.pk)
    stay.refresh_from_db()
    assert stay.ends_on == end
    assert stay.planned_end is None
    assert {"stay.leave", "stay.return"} <= set(acts(person))


def test_a_stay_is_confirmed_and_gets_another_last_day(visit: Client, person: Person):
    Stay.objects.update(confirmed_at=timezone.now() - dt.timedelta(days=90))
    stay = person.stays.get()
    send(visit, "confirm_own_stay", stay.pk)
    stay.refresh_from_db()
    assert timezone.now() - stay.confirmed_at < dt.timedelta(minutes=1)
    shown(visit, "change_last_day", stay.pk)
    later = today() + dt.timedelta(days=40)
    send(visit, "change_last_day", stay.pk, ends_on=later.isoformat())
    stay.refresh_from_db()
    assert stay.ends_on == later
    assert "before the first day" in refused(
        visit, "change_last_day", stay.pk, ends_on="2001-01-01"
    )


def test_stays_are_added_changed_and_removed_but_not_the_last(visit: Client, person: Person):
    first = person.stays.get()
    shown(visit, "add_own_stay")
    days = {"starts_on": today().isoformat(), "ends_on": today().isoformat()}
    send(visit, "add_own_stay", kind="trip", place="Kathmandu", **days)
    send(visit, "add_own_stay", kind="trip", place="Kathmandu", **days)
    added = person.stays.exclude(pk=first.pk).get()
    assert (added.place_id, added.precision) == (KATHMANDU, "place")
    assert 'value="Kathmandu, Nepal"' in shown(visit, "change_own_stay", added.pk)
    send(visit, "change_own_stay", added.pk, kind="trip", place="Suva", **days)
    added.refresh_from_db()
    assert added.country == "FJ"
    assert "no town of this name" in refused(
        visit, "change_own_stay", added.pk, kind="trip", place="Xyzzyville", **days
    )
    send(visit, "remove_own_stay", added.pk)
    send(visit, "remove_own_stay", first.pk)
    assert person.stays.get() == first
    assert "This is your only stay" in shown(visit, "read_registration")
    assert {"stay.add", "stay.change", "stay.remove"} <= set(acts(person))


def test_a_pin_is_kept_where_it_was_when_something_else_is_changed(visit: Client, person: Person):
    stay = person.stays.get()
    page = shown(visit, "change_own_stay", stay.pk)
    latitude = page.split('name="latitude" value="')[1].split('"')[0]
    longitude = page.split('name="longitude" value="')[1].split('"')[0]
    send(
        visit,
        "change_own_stay",
        stay.pk,
        kind="trip",
        latitude=latitude,
        longitude=longitude,
        starts_on=stay.starts_on.isoformat(),
        ends_on=stay.ends_on.isoformat(),
        exact_address="Calle Luna 7",
    )
    cell = stay.cell
    stay.refresh_from_db()
    assert (stay.cell, stay.exact_address) == (cell, "Calle Luna 7")


@pytest.mark.parametrize(
    "name", ["leave_own_stay", "return_to_own_stay", "confirm_own_stay", "remove_own_stay"]
)
def test_nobody_changes_another_persons_stay(visit: Client, name):
    other = make_person(stays=(pin_stay(), pin_stay(country="FR"))).stays.first()
    assert other is not None
    visit.post(reverse(name, args=[other.pk]))
    kept = Stay.objects.get(pk=other.pk)
    assert (kept.ends_on, kept.confirmed_at) == (other.ends_on, other.confirmed_at)
    for page in ("change_own_stay", "change_last_day"):
        assert visit.get(reverse(page, args=[other.pk])).status_code == 404


def test_reminders_that_were_stopped_can_be_asked_for_again(person: Person, visit: Client):
    actions.stop_reminders(person_id=person.pk, by=Actor.traveller(person.pk))
    assert "You asked us for no reminders" in shown(visit, "read_registration")
    visit.post(reverse("resume_reminders"))
    person.refresh_from_db()
    assert person.reminders_stopped_at is None
    assert "You asked us for no reminders" not in shown(visit, "read_registration")


def test_the_advice_for_where_the_person_goes_is_at_hand(visit: Client):
    assert reverse("read_advice", args=["NP"]) in shown(visit, "read_registration")
