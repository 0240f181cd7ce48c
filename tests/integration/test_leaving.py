"""What people say of their stays: still right, left, back again, or until another day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from audit.actors import Actor
from audit.models import Entry
from registrations import actions
from registrations.answers import OPEN_END
from registrations.models import Stay
from tests.factories.registrations import make_person, pin_stay

pytestmark = pytest.mark.django_db
# Eleven in the evening in Lisbon: it is the next day already in Kathmandu.
NOW = dt.datetime(2026, 11, 20, 23, tzinfo=dt.UTC)
THERE = dt.date(2026, 11, 21)


def one_stay(**changes: Any) -> Stay:
    given: dict[str, Any] = {"starts_on": dt.date(2026, 11, 1), "ends_on": dt.date(2026, 12, 1)}
    return make_person(stays=(pin_stay(**(given | changes)),)).stays.get()


def by(stay: Stay) -> Actor:
    return Actor.traveller(stay.person_id)


def leave(stay: Stay, **changes: Any) -> int:
    given: dict[str, Any] = {
        "person_id": stay.person_id,
        "stay_ids": [stay.pk],
        "by": by(stay),
        "now": NOW,
    }
    return actions.leave_stays(**(given | changes))


def test_leaving_ends_the_stay_on_the_day_that_it_is_there_and_can_be_undone():
    stay = one_stay()
    assert leave(stay) == 1
    stay.refresh_from_db()
    assert (stay.ends_on, stay.planned_end) == (THERE, dt.date(2026, 12, 1))
    assert leave(stay) == 0
    assert actions.return_to_stays(person_id=stay.person_id, stay_ids=[stay.pk], by=by(stay)) == 1
    stay.refresh_from_db()
    assert (stay.ends_on, stay.planned_end) == (dt.date(2026, 12, 1), None)
    assert actions.return_to_stays(person_id=stay.person_id, stay_ids=[stay.pk], by=by(stay)) == 0
    entries = Entry.objects.filter(action__in=["stay.leave", "stay.return"]).order_by("at")
    assert [(entry.action, entry.details) for entry in entries] == [
        ("stay.leave", {"stays": 1}),
        ("stay.return", {"stays": 1}),
    ]
    assert {entry.subjects.count() for entry in entries} == {1}


def test_who_left_twice_returns_to_the_end_first_planned():
    stay = one_stay(kind="residence", ends_on=OPEN_END)
    leave(stay)
    leave(stay, now=NOW - dt.timedelta(days=3))
    actions.return_to_stays(person_id=stay.person_id, stay_ids=[stay.pk], by=by(stay))
    stay.refresh_from_db()
    assert stay.is_open_ended


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        (dt.date(2026, 11, 22), dt.date(2026, 12, 1)),
        (dt.date(2026, 11, 1), dt.date(2026, 11, 20)),
        (dt.date(2026, 11, 1), THERE),
    ],
)
def test_a_stay_to_come_or_over_is_not_left(starts_on, ends_on):
    stay = one_stay(starts_on=starts_on, ends_on=ends_on)
    assert leave(stay) == 0
    stay.refresh_from_db()
    assert (stay.ends_on, stay.planned_end) == (ends_on, None)
    assert not Entry.objects.filter(action="stay.leave").exists()


def test_nobody_moves_the_stays_of_another():
    mine, others = one_stay(), one_stay()
    given: dict[str, Any] = {"person_id": mine.person_id, "by": by(mine)}
    assert leave(others, **given) == 0
    assert actions.extend_stay(stay_id=others.pk, ends_on=THERE, **given) is False
    assert actions.confirm_stays(stay_ids=[others.pk], **given) == 0
    leave(others)
    assert actions.return_to_stays(stay_ids=[others.pk], **given) == 0
    others.refresh_from_db()
    assert others.ends_on == THERE


def test_confirming_makes_current_and_coming_stays_fresh_and_old_ones_not():
    old = timezone.now() - dt.timedelta(days=400)
    stay = one_stay(kind="residence", ends_on=OPEN_END)
    over = one_stay(ends_on=dt.date(2026, 11, 5))
    Stay.objects.filter(pk=over.pk).update(person_id=stay.person_id)
    Stay.objects.update(confirmed_at=old, asked_at=old, asked_in_vain=2)
    stay.person.confirmed_at = old
    stay.person.save()
    assert actions.confirm_stays(person_id=stay.person_id, by=by(stay), now=NOW) == 1
    stay.refresh_from_db()
    over.refresh_from_db()
    assert (stay.confirmed_at, stay.asked_at, stay.asked_in_vain) == (NOW, None, 0)
    assert stay.person.confirmed_at == NOW
    assert over.asked_in_vain == 2
    assert Entry.objects.get(action="stay.confirm").details == {"stays": 1}


def test_another_last_day_is_reminded_of_again_when_it_is_far_enough():
    stay = one_stay()
    Stay.objects.update(reminded_at=NOW, planned_end=dt.date(2027, 1, 1))
    given: dict[str, Any] = {
        "stay_id": stay.pk,
        "person_id": stay.person_id,
        "by": by(stay),
        "now": NOW,
    }
    assert actions.extend_stay(ends_on=THERE + dt.timedelta(days=3), **given)
    stay.refresh_from_db()
    assert (stay.reminded_at, stay.planned_end) == (NOW, None)
    assert actions.extend_stay(ends_on=THERE + dt.timedelta(days=4), **given)
    stay.refresh_from_db()
    assert (stay.ends_on, stay.reminded_at) == (THERE + dt.timedelta(days=4), None)
    assert stay.confirmed_at == NOW
    with pytest.raises(actions.BadLastDay):
        actions.extend_stay(ends_on=dt.date(2026, 10, 31), **given)
