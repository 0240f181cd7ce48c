"""A stay is erased when its time is over, unless an open crisis touches it."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.actors import Actor
from audit.models import Entry, SubjectSalt
from crises import actions as crisis_actions
from registrations import tasks
from registrations.actions import erase_ended_stays, retention
from registrations.answers import OPEN_END, StayAnswer
from registrations.models import ContactPoint, FamilyContact, Person, Stay
from tests.factories.crises import make_crisis, make_frozen, make_people
from tests.factories.registrations import make_person, pin_stay

pytestmark = pytest.mark.django_db
BY = Actor.system("retention")
# The day has begun everywhere on Earth west of the date line by then.
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def stay_ended(days: int, **changes: Any) -> StayAnswer:
    """A stay in Kathmandu, unless told otherwise, that ended so many days before NOON."""
    end = NOON.date() - dt.timedelta(days=days)
    return pin_stay(starts_on=end - dt.timedelta(days=5), ends_on=end, **changes)


def run(**given: Any) -> retention.Erased:
    return erase_ended_stays(by=BY, **({"now": NOON} | given))


def test_erased_on_day_31_and_not_on_day_30():
    kept = make_person(stays=(stay_ended(30),))
    gone = make_person(stays=(stay_ended(31),))
    done = run()
    assert (done.stays, done.people, done.held) == (1, 1, 0)
    assert list(Person.objects.all()) == [kept]
    assert not ContactPoint.objects.filter(person_id=gone.pk).exists()
    assert not FamilyContact.objects.filter(person_id=gone.pk).exists()


def test_no_day_is_cut_short_in_the_west():
    make_person(stays=(stay_ended(31, time_zone="Etc/GMT+12"),))
    assert run(now=NOON - dt.timedelta(minutes=1)).stays == 0
    assert run(now=NOON).stays == 1


@pytest.mark.parametrize("days", [2, 548])
def test_the_days_are_set_by_the_operator(settings, days):
    settings.STAY_RETENTION_DAYS = days
    make_person(stays=(stay_ended(days),))
    assert run().stays == 0
    assert run(now=NOON + dt.timedelta(days=1)).stays == 1


def test_an_open_end_is_kept():
    make_person(
        stays=(pin_stay(kind="residence", starts_on=dt.date(2001, 1, 1), ends_on=OPEN_END),)
    )
    assert run(now=NOON + dt.timedelta(days=9999)).stays == 0


def test_whoever_has_another_stay_stays_and_can_read_what_was_erased():
    person = make_person(stays=(stay_ended(40), pin_stay(ends_on=OPEN_END)))
    done = run()
    assert (done.stays, done.people) == (1, 0)
    assert person.stays.get().ends_on == OPEN_END
    entry = Entry.objects.get(action="stay.erase")
    assert entry.subjects.count() == 1
    assert entry.details == {"stays": 1}


def test_the_salt_goes_with_the_person():
    person = make_person(stays=(stay_ended(31),))
    assert SubjectSalt.objects.filter(pk=person.pk).exists()
    run()
    assert not SubjectSalt.objects.filter(pk=person.pk).exists()
    assert Entry.objects.get(action="registration.erase").purpose == "maintenance"


def test_each_run_is_in_the_ledger():
    make_person(stays=(stay_ended(31), stay_ended(50)))
    run()
    run()
    entries = Entry.objects.filter(action="retention.run").order_by("at")
    assert [entry.details for entry in entries] == [
        {"stays": 2, "people": 1, "held": 0, "days": 30},
        {"stays": 0, "people": 0, "held": 0, "days": 30},
    ]
    assert {entry.actor_kind for entry in entries} == {"system"}


def test_an_open_crisis_holds_the_stays_in_its_area_until_it_closes():
    there = make_person(stays=(stay_ended(40),))
    make_person(stays=(stay_ended(40, country="FR", cell=pin_stay(48.8, 2.3).cell),))
    crisis = make_crisis()
    done = run()
    assert (done.stays, done.held) == (1, 1)
    assert list(Person.objects.all()) == [there]
    crisis_actions.close_crisis(crisis=crisis, by=crisis.opened_by)
    assert run().people == 1
    assert not Person.objects.exists()


def test_a_crisis_holds_whoever_was_written_to_wherever_they_stayed():
    (person,) = make_people(1)
    notice = make_frozen()
    elsewhere = pin_stay(48.8, 2.3).cell
    later = timezone.now() + dt.timedelta(days=90)
    Stay.objects.filter(person=person).update(country="FR", cell=elsewhere)
    assert run(now=later).held == 1
    crisis_actions.close_crisis(crisis=notice.crisis, by=notice.author)
    assert run(now=later).people == 1


def test_an_exercise_holds_nobody():
    make_person(stays=(stay_ended(40),))
    make_crisis(is_drill=True)
    assert run().people == 1


def test_held_stays_do_not_stop_the_batches_behind_them():
    for index in range(6):
        make_person(stays=(stay_ended(90 - index),))
    make_crisis()
    for index in range(3):
        far = pin_stay(48.8, 2.3).cell
        make_person(stays=(stay_ended(50 - index, country="FR", cell=far),))
    done = run(batch=2)
    assert (done.stays, done.held) == (3, 6)


def test_an_interrupted_run_goes_on_where_it_ended(monkeypatch):
    for index in range(5):
        make_person(stays=(stay_ended(40 + index),))
    erase, calls = retention.erase_person, []

    def fail_at_the_fourth(**given: Any) -> bool:
        calls.append(given["person_id"])
        if len(calls) == 4:
            raise ConnectionError
        return erase(**given)

    monkeypatch.setattr(retention, "erase_person", fail_at_the_fourth)
    with pytest.raises(ConnectionError):
        run(batch=2)
    # The batch that failed left no half: nobody stands there without a stay.
    assert Stay.objects.count() == Person.objects.count() == 3
    monkeypatch.undo()
    assert run(batch=2).people == 3
    assert not Person.objects.exists()


def test_the_task_and_the_command_run_it():
    old = dt.date(2020, 1, 1)
    make_person(stays=(pin_stay(starts_on=old, ends_on=old),))
    out = StringIO()
    call_command("run_retention", stdout=out, verbosity=0)
    assert "1 stays erased, 1 people erased" in out.getvalue()
    assert tasks.run_retention()


def test_a_person_is_erased_by_the_reference_they_quote():
    person, other = make_person(), make_person()
    out = StringIO()
    call_command("erase_registration", person.reference.lower(), stdout=out)
    assert list(Person.objects.all()) == [other]
    assert Entry.objects.get(action="registration.erase").purpose == "rights"
    for wrong in (person.reference, "7K2M"):
        with pytest.raises(CommandError):
            call_command("erase_registration", wrong)


def test_the_pages_promise_what_is_set(client, settings):
    settings.STAY_RETENTION_DAYS = 17
    assert "erased 17 days after it ends" in client.get("/").content.decode()
