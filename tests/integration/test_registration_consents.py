"""What is agreed to, and what is kept under an agreement of its own."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from registrations.models import Consent, Draft, Person
from tests.factories.journey import page, prove, register, send, stay
from tests.factories.registrations import make_answers, make_person, make_places

pytestmark = pytest.mark.django_db

TOLD = {"gender": "female", "home_region": "Maule"}


@pytest.fixture(autouse=True)
def world():
    cache.clear()
    return make_places()


def until_consents(client: Client) -> None:
    prove(client)
    send(client, "add_stay", stay(), then="enter_people")
    send(client, "enter_people", {}, then="give_consents")


def test_nobody_is_registered_without_the_first_consent(client: Client):
    until_consents(client)
    shown = page(client, "give_consents")
    assert "checked" not in shown
    assert "Without this we cannot register you" in send(client, "give_consents", {"advice": "on"})
    assert client.get(reverse("check_answers"))["Location"] == reverse("give_consents")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"needs_text": "insulin"}, "Tick this to let us keep your needs"),
        ({"needs": "on"}, "Write what you need, or take the tick below away."),
        ({"needs": "on", "needs_text": " \u200b "}, "Write what you need"),
        ({"needs": "on", "needs_text": "x" * 1001}, "Write at most 1000 letters."),
        ({"home_region": "x" * 101}, "Write at most 100 letters."),
        ({"gender": "robot"}, "Select a valid choice."),
    ],
)
def test_needs_and_their_consent_go_together(client, typed, message):
    until_consents(client)
    assert message in send(client, "give_consents", {"crisis_contact": "on"} | typed)
    assert client.get(reverse("check_answers"))["Location"] == reverse("give_consents")


def test_needs_are_kept_with_their_consent(client: Client):
    until_consents(client)
    register(client, needs="on", needs_text="insulin\r\n\r\n  a  wheelchair")
    assert Person.objects.get().needs == "insulin\na wheelchair"
    given = set(Consent.objects.values_list("purpose", flat=True))
    assert given == {"crisis_contact", "needs"}


def test_needs_taken_back_before_sending_are_not_kept_in_the_draft_either(client: Client):
    until_consents(client)
    both = {"crisis_contact": "on", "needs": "on", "needs_text": "insulin"}
    send(client, "give_consents", both, then="check_answers")
    assert "insulin" in page(client, "check_answers")
    register(client)
    assert Person.objects.get().needs is None
    assert not Draft.objects.exists()


def test_gender_and_region_are_kept_for_statistics_alone(client: Client):
    until_consents(client)
    first = {"crisis_contact": "on"} | TOLD
    send(client, "give_consents", first, then="check_answers")
    assert "Maule" not in page(client, "check_answers")
    register(client, statistics="on", **TOLD)
    person = Person.objects.get()
    assert (person.gender, person.home_region) == ("female", "Maule")


def test_registering_keeps_nothing_without_its_consent_whoever_calls():
    told = {"needs": "insulin", "gender": "male", "home_region": "Maule"}
    silent = make_person(**told)
    assert (silent.needs, silent.gender, silent.home_region) == (None, None, None)
    purposes = make_answers().consents | {"needs", "statistics"}
    open_person = make_person(**told, consents=purposes)
    assert (open_person.needs, open_person.gender) == ("insulin", "male")
