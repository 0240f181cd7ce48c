"""Opening one person's record in a crisis: with a reason, in the ledger, and for nobody else."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.urls import reverse

from audit.models import Entry
from crises import actions
from crises.models import Crisis, Notice
from notifications.models import Delivery
from registrations.models import Person, Stay
from tests.factories.accounts import make_coordinator, make_officer, make_post, make_user
from tests.factories.crises import make_crisis, make_frozen, make_people
from tests.factories.registrations import country_stay, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice() -> Notice:
    make_people(1)
    return make_frozen()


def page_of(notice: Notice, person_id: object) -> str:
    return reverse("read_person", args=[notice.crisis_id, person_id])


def told(notice: Notice) -> UUID:
    subject_id = Delivery.objects.filter(message=notice.message)[0].subject_id
    assert subject_id is not None
    return subject_id


def readings() -> list[Entry]:
    return list(Entry.objects.filter(action="person.read"))


def test_nothing_is_shown_before_a_reason_is_given(client, notice):
    person = Person.objects.get(pk=told(notice))
    client.force_login(notice.author)
    page = client.get(page_of(notice, person.pk))
    assert person.name not in page.content.decode()
    page = client.post(page_of(notice, person.pk), {})
    assert "Choose a reason." in page.content.decode()
    assert person.name not in page.content.decode()
    assert readings() == []


def test_with_a_reason_the_record_is_shown_once_and_written_down(client, notice):
    person = Person.objects.get(pk=told(notice))
    client.force_login(notice.author)
    page = client.post(page_of(notice, person.pk), {"reason": "silent"})
    shown = page.content.decode()
    assert person.name in shown
    assert all(point.address in shown for point in person.contact_points.all())
    assert page["Cache-Control"] == "no-store"
    [entry] = readings()
    assert entry.details["reason"] == "silent"
    assert entry.actor_id == str(notice.author.pk)
    assert entry.subjects.count() == 1


@pytest.mark.parametrize("is_drill", [False, True])
def test_needs_are_read_to_help_in_a_crisis_and_not_in_an_exercise(client, is_drill):
    """As the words say that were agreed to."""
    person = make_person(needs="insulin", consents=frozenset({"crisis_contact", "needs"}))
    notice = make_frozen(make_crisis(is_drill=is_drill))
    client.force_login(notice.author)
    page = client.post(page_of(notice, person.pk), {"reason": "silent"}).content.decode()
    assert person.name in page
    assert ("insulin" in page) is not is_drill


def test_someone_who_was_not_written_to_is_refused(client, notice):
    stranger = make_people(1)[0]
    client.force_login(notice.author)
    page = client.post(page_of(notice, stranger.pk), {"reason": "silent"})
    assert "was not written to" in page.content.decode()
    assert stranger.name not in page.content.decode()
    assert readings() == []


@pytest.mark.parametrize("role", ["auditor", "data_protection_officer", "operator"])
def test_those_who_see_the_ledger_do_not_see_the_people(client, notice, role):
    client.force_login(make_user(role))
    assert client.post(page_of(notice, told(notice)), {"reason": "silent"}).status_code == 403


def test_another_posts_officer_finds_no_such_crisis(client, notice):
    client.force_login(make_officer(post=make_post(country="JP", jurisdiction=["JP"])))
    assert client.post(page_of(notice, told(notice)), {"reason": "silent"}).status_code == 404


def test_a_closed_crisis_opens_no_record(client, notice):
    client.force_login(make_coordinator())
    actions.close_crisis(crisis=Crisis.objects.get(pk=notice.crisis_id), by=make_coordinator())
    page = client.post(page_of(notice, told(notice)), {"reason": "silent"})
    assert "This crisis is closed." in page.content.decode()
    assert readings() == []


def test_stays_outside_the_officers_countries_stay_hidden(client, notice):
    person_id = told(notice)
    elsewhere = country_stay("JP")
    Stay.objects.create(
        person_id=person_id,
        kind=elsewhere.kind,
        precision=elsewhere.precision,
        country="JP",
        starts_on=elsewhere.starts_on,
        ends_on=elsewhere.ends_on,
    )
    client.force_login(notice.author)
    page = client.post(page_of(notice, person_id), {"reason": "silent"})
    assert "Nepal" in page.content.decode()
    assert "Japan" not in page.content.decode()
    client.force_login(make_coordinator())
    page = client.post(page_of(notice, person_id), {"reason": "silent"})
    assert "Japan" in page.content.decode()
