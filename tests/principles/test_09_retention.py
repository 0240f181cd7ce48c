"""9. Retention.

What is kept has an end that comes by itself, without anybody remembering it: a stay thirty days
after its last day, a person with their last stay, what a crisis made with that crisis, what was
never sent within three days. Gone means gone: in every table, whoever made it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from audit.models import Entry
from crises.actions import close_crisis
from crises.models import Answer, Crisis
from micic_portal.celery import app as portal
from micic_portal.timetable import TIMETABLE
from notifications.models import Delivery
from registrations import actions
from registrations.models import Draft, Person, Stay
from tests.factories.erasing import plant
from tests.factories.registrations import make_answers, make_person, pin_stay
from tests.factories.reports import mail
from tests.principles.stored import tables_that_say

pytestmark = pytest.mark.django_db(transaction=True)
DAYS, CRISIS_DAYS = 30, 90


def run_by_the_clock(name: str) -> None:
    """What the scheduler starts by itself, by its name in the timetable."""
    portal.loader.import_default_modules()  # As a worker does when it starts.
    portal.tasks[str(TIMETABLE[name]["task"])].apply().get()


def tonight() -> None:
    run_by_the_clock("run-retention")


def ended(days_ago: int, **changes: Any) -> dict[str, Any]:
    """A stay that was over so many days ago, wherever on Earth one counts."""
    last = timezone.now().date() - dt.timedelta(days=days_ago)
    return {"stays": (pin_stay(starts_on=last - dt.timedelta(days=5), ends_on=last, **changes),)}


def test_the_promise_is_thirty_days():
    assert settings.STAY_RETENTION_DAYS == DAYS


def test_the_night_erases_whoever_has_no_stay_left_and_nobody_else():
    gone = make_person(contacts=(mail("gone@example.org"),), **ended(DAYS + 2))
    recent = make_person(contacts=(mail("recent@example.org"),), family=(), **ended(DAYS - 2))
    there = make_person(contacts=(mail("there@example.org"),), family=())
    identifiers = [gone.pk, gone.stays.get().pk, gone.contact_points.get().pk]
    indexes = [bytes(gone.contact_points.get().address_index).hex()]
    assert set(tables_that_say([gone.pk])[str(gone.pk)]) > {"registrations_person"}
    tonight()
    assert set(Person.objects.all()) == {recent, there}
    assert tables_that_say([*identifiers, *indexes]) == {}
    # What is left says how many, and of nobody.
    assert Entry.objects.get(action="retention.run").subjects.count() == 0


def test_one_stay_ends_and_the_others_go_on():
    old, now = ended(DAYS + 2)["stays"][0], pin_stay()
    person = make_person(stays=(old, now))
    tonight()
    assert Person.objects.filter(pk=person.pk).exists()
    assert Stay.objects.get().ends_on == now.ends_on


def test_what_a_crisis_made_goes_with_it_and_with_nothing_before():
    """Somebody of whom every table knows something, whose time is long over."""
    planted = plant(ask_for_help=True)
    person, crisis = planted.person, planted.notice.crisis
    Stay.objects.update(
        starts_on=dt.date(2026, 1, 1), ends_on=dt.date(2026, 1, 9), planned_end=None
    )
    tonight()
    assert Person.objects.filter(pk=person.pk).exists(), "an open crisis still needs them"
    close_crisis(crisis=crisis, by=planted.notice.author)
    today = timezone.now().date()
    assert Crisis.objects.get(pk=crisis.pk).purge_on == today + dt.timedelta(days=CRISIS_DAYS)
    Crisis.objects.filter(pk=crisis.pk).update(purge_on=today)
    tonight()
    assert not Person.objects.exists()
    assert not Answer.objects.exists()
    assert not Delivery.objects.filter(subject_id__isnull=False).exists()
    found = tables_that_say(planted.needles.identifiers)
    assert found == {}


def test_what_was_begun_and_never_sent_is_gone_after_three_days():
    draft = actions.start_draft(answers=make_answers(name="Quirina Zorrilla"))
    assert draft.expires_at <= timezone.now() + dt.timedelta(hours=72)
    Draft.objects.filter(pk=draft.pk).update(expires_at=timezone.now())
    run_by_the_clock("erase-drafts")
    assert tables_that_say([draft.pk]) == {}
