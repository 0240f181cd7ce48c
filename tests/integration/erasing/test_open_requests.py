"""Erasing oneself in an open crisis: a request for help stays, tied to nobody, and says so."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from audit.actors import Actor
from audit.models import Entry
from crises import actions as crisis_actions
from crises.enums import AnsweredVia, Choice, ReadingReason
from crises.models import Answer, Notice
from crises.reporting import live_figures
from notifications.enums import DeliveryState
from notifications.models import Delivery
from registrations import actions
from registrations.erasing import LastWords
from registrations.models import Person
from tests.factories.crises import make_frozen, make_people, token_of
from tests.factories.crisis_pages import signed_in
from tests.factories.visits import shown, visit_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> list[Person]:
    return make_people(2)


@pytest.fixture
def notice(people) -> Notice:
    return make_frozen()


def ask(notice: Notice, person: Person, choice: str = Choice.NEED_HELP, **said: Any) -> None:
    crisis_actions.answer_for(
        crisis=notice.crisis,
        person_id=person.pk,
        choice=Choice(choice),
        via=AnsweredVia.LINK,
        by=Actor.traveller(person.pk),
        **said,
    )


def test_without_a_request_nothing_stays(people, notice):
    ask(notice, people[0], Choice.SAFE, note="All is well")
    assert actions.would_keep(people[0].pk) == []
    done = actions.erase_on_request(person_id=people[0].pk, by=Actor.system("test"))
    assert done is not None
    assert not done.kept
    assert not Answer.objects.exists()


def test_a_request_stays_tied_to_nobody(people, notice):
    person = people[0]
    ask(notice, person, whereabouts="Roof of the school", note="My name is Person Zero")
    before = Answer.objects.get()
    kept = actions.would_keep(person.pk)
    assert [(item.reason, item.about, item.whereabouts) for item in kept] == [
        ("help_request", notice.crisis.title, "Roof of the school")
    ]
    actions.erase_on_request(person_id=person.pk, by=Actor.system("test"))
    after = Answer.objects.get()
    assert {after.pk, after.person_id, after.delivery_id} & {before.pk, person.pk} == set()
    assert (after.choice, after.whereabouts, after.note, after.left_contact) == (
        Choice.NEED_HELP,
        "Roof of the school",
        None,
        None,
    )
    assert (after.help_asked_at, after.answered_at) == (before.help_asked_at, before.answered_at)
    assert after.erased_at is not None
    entry = Entry.objects.get(action="registration.erase")
    assert entry.details["kept"] == {"help_request": 1}


def test_what_they_choose_to_leave_is_all_that_stays(people, notice):
    ask(notice, people[0], whereabouts="Roof of the school")
    words = LastWords(whereabouts="", contact="+34600111222")
    actions.erase_on_request(person_id=people[0].pk, by=Actor.system("test"), last_words=words)
    after = Answer.objects.get()
    assert (after.whereabouts, after.left_contact) == (None, "+34600111222")


def test_a_later_safe_does_not_close_the_request(people, notice):
    ask(notice, people[0], whereabouts="Roof")
    ask(notice, people[0], Choice.SAFE)
    assert len(actions.would_keep(people[0].pk)) == 1


def test_a_closed_crisis_keeps_nothing(people, notice):
    ask(notice, people[0])
    crisis_actions.close_crisis(crisis=notice.crisis, by=notice.crisis.opened_by)
    assert actions.would_keep(people[0].pk) == []


def test_a_notice_stays_as_a_count(people, notice):
    token = token_of(notice, people[0])
    count = Delivery.objects.count()
    ids = set(Delivery.objects.for_subjects([people[0].pk]).values_list("pk", flat=True))
    silent = live_figures(notice).silent
    actions.erase_on_request(person_id=people[0].pk, by=Actor.system("test"))
    assert Delivery.objects.count() == count
    assert not Delivery.objects.filter(pk__in=ids).exists()
    gone = Delivery.objects.get(subject_id=None, channel="mail")
    assert (gone.state, gone.error_code) == (DeliveryState.CANCELLED, "erased")
    notice.refresh_from_db()
    assert live_figures(notice).silent == silent - 1
    with pytest.raises(crisis_actions.Refused):
        crisis_actions.record_answer(token=token, choice="safe")


def test_the_page_says_before_and_after_what_stays(people, notice):
    ask(notice, people[0], whereabouts="Roof of the school")
    client = visit_of(people[0])
    page = shown(client, "erase_registration")
    assert notice.crisis.title in page
    assert "90 days after the crisis is closed" in page
    assert 'value="Roof of the school"' in page
    response = client.post(
        reverse("erase_registration"), {"whereabouts": "The bridge", "contact": "+34 600 111 222"}
    )
    page = response.content.decode()
    assert "the contact that you left for it" in page
    assert "90 days after the crisis is closed" in page
    assert response["Cache-Control"].startswith("max-age=0")
    assert not Person.objects.filter(pk=people[0].pk).exists()
    assert Answer.objects.get().whereabouts == "The bridge"
    assert client.get(reverse("read_registration"))["Location"] == reverse("sign_in")


def test_nothing_stays_that_the_page_did_not_say(people, notice):
    client = visit_of(people[0])
    shown(client, "erase_registration")
    ask(notice, people[0], whereabouts="Roof")
    page = client.post(reverse("erase_registration")).content.decode()
    assert Person.objects.filter(pk=people[0].pk).exists()
    assert notice.crisis.title in page


def test_a_contact_that_is_none_is_said(people, notice):
    ask(notice, people[0])
    client = visit_of(people[0])
    fields = {"whereabouts": "", "contact": "600"}
    page = client.post(reverse("erase_registration"), fields).content.decode()
    assert "begins with +" in page
    assert Person.objects.filter(pk=people[0].pk).exists()


def test_officers_see_whose_request_it_no_longer_is(people, notice):
    ask(notice, people[0], whereabouts="Roof of the school")
    words = LastWords("Roof of the school", "help@example.org")
    actions.erase_on_request(person_id=people[0].pk, by=Actor.system("test"), last_words=words)
    one = live_figures(notice).asking[0]
    assert one.erased
    officer = signed_in(notice.author)
    assert (
        "erased by the person"
        in officer.get(reverse("watch_notice", args=[notice.pk])).content.decode()
    )
    address = reverse("read_person", args=[notice.crisis.pk, one.person_id])
    page = officer.post(address, {"reason": ReadingReason.values[0]}).content.decode()
    assert "Roof of the school" in page
    assert "help@example.org" in page
    assert "90 days after the crisis is closed" in page
    assert Entry.objects.filter(action="answer.read_kept").count() == 1


def test_the_link_in_a_notice_says_that_it_was_erased(people, notice, client):
    address = reverse("answer_notice", args=[token_of(notice, people[0])])
    assert client.get(address).status_code == 200
    actions.erase_on_request(person_id=people[0].pk, by=Actor.system("test"))
    response = client.get(address)
    assert response.status_code == 410
    assert "has been erased" in response.content.decode()
