"""Companions and family contacts of a registration."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from registrations.models import Companion, FamilyContact, Person
from tests.factories.journey import page, prove, register, send, stay, until_check
from tests.factories.registrations import make_places, today

pytestmark = pytest.mark.django_db

LUZ = {"name": "Luz", "relationship": "madre", "phone": "+34 911 234 567", "language": "fr"}
TOM = {"name": "Tom", "mail": "tom@example.org"}
CHILD = {"name": "Leo", "consent": "guardian"}
ADULT = {"name": "Eva", "consent": "in_person"}


@pytest.fixture(autouse=True)
def world():
    cache.clear()
    return make_places()


def until_people(client: Client) -> None:
    prove(client)
    send(client, "add_stay", stay(), then="enter_people")


def born(years: int) -> str:
    return (today() - dt.timedelta(days=years * 365.25)).isoformat()


def key_on(html: str, kind: str) -> str:
    return html.split(f"/register/people/{kind}/")[1].split("/")[0]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"phone": "+34 911 234 567"}, "Write their name, or leave everything here empty."),
        ({"name": "Luz"}, "Write their telephone or their email address."),
        ({"name": "Luz", "mail": "nobody"}, "Write one email address"),
        ({"name": "Luz", "phone": "911234567"}, "Begin the number with +"),
        ({"relationship": "x" * 101, "name": "L"}, "Write at most 100 letters."),
    ],
)
def test_what_is_wrong_with_the_family_stands_beside_it(client, typed, message):
    until_people(client)
    shown = send(client, "enter_people", typed)
    assert message in shown
    assert all(value in shown for value in typed.values())


def test_nobody_needs_to_be_named(client: Client):
    until_check(client)
    assert page(client, "check_answers").count("Not given") == 2


def test_the_first_at_home_is_named_without_another_page(client: Client):
    until_people(client)
    send(client, "enter_people", LUZ, then="give_consents")
    shown = page(client, "enter_people")
    assert "+34911234567" in shown
    assert 'name="phone"' not in shown
    # The page sent twice names nobody twice.
    send(client, "enter_people", LUZ, then="give_consents")
    register(client)
    luz = FamilyContact.objects.get()
    assert (luz.name, luz.relationship, luz.language) == ("Luz", "madre", "fr")
    assert luz.address_index
    assert luz.told_at is None or luz.told_at >= luz.created_at


def test_up_to_three_at_home_are_added_changed_and_removed(client: Client):
    until_people(client)
    for contact in (LUZ, LUZ, TOM, {"name": "Ada", "mail": "ada@example.org"}):
        send(client, "add_family", contact, then="enter_people")
    shown = page(client, "enter_people")
    assert reverse("add_family") + '"' not in shown
    assert "You can name up to 3 people here." in send(client, "add_family", TOM | {"name": "Al"})
    change = reverse("edit_family", args=[key_on(shown, "family")])
    assert 'value="madre"' in client.get(change).content.decode()
    client.post(change, LUZ | {"name": "Luz María"})
    assert "Luz María" in page(client, "enter_people")
    client.post(reverse("remove_family", args=[key_on(shown, "family")]))
    assert "Luz" not in page(client, "enter_people")
    assert client.get(change).status_code == 404
    send(client, "enter_people", {}, then="give_consents")
    register(client)
    assert {item.name for item in FamilyContact.objects.all()} == {"Tom", "Ada"}
    # Where nothing else was said, they are written to in the person's language.
    assert set(FamilyContact.objects.values_list("language", flat=True)) == {"es"}


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"name": ""}, "Write their name."),
        ({"consent": ""}, "Nobody is named without it."),
        ({"consent": "assumed"}, "Select a valid choice."),
        ({"consent": "guardian", "birth_date": born(30)}, "they agree for themselves"),
        ({"consent": "in_person", "birth_date": born(9)}, "a parent or guardian agrees for them"),
        ({"consent": "invited", "birth_date": born(9)}, "a parent or guardian agrees for them"),
        ({"consent": "invited"}, "Write their own email address or mobile number"),
        ({"consent": "invited", "phone": "+34 911 234 567"}, "cannot receive text messages"),
        ({"birth_date": "2999-01-01"}, "A date of birth cannot lie in the future."),
        ({"birth_date": "31/12/1899"}, "Check the year: it lies before 1900."),
        ({"birth_date": "30/2/2001"}, "This day does not exist"),
    ],
)
def test_nobody_is_named_without_a_consent_that_fits(client, typed, message):
    until_people(client)
    assert message in send(client, "add_companion", CHILD | typed)
    assert "Leo" not in page(client, "enter_people")


def test_companions_are_saved_with_how_they_agreed(client: Client):
    until_people(client)
    send(client, "add_companion", CHILD | {"birth_date": born(9)}, then="enter_people")
    send(client, "add_companion", ADULT | {"mail": "eva@example.org"}, then="enter_people")
    shown = page(client, "enter_people")
    assert "Under 18; a parent or guardian agrees" in shown
    # Who agrees beside the person is not written to, so no address of theirs is kept.
    assert "eva@example.org" not in shown
    change = reverse("edit_companion", args=[key_on(shown, "companions")])
    client.post(change, CHILD | {"name": "Leonor"})
    send(client, "enter_people", {}, then="give_consents")
    register(client)
    saved = {item.name: item for item in Companion.objects.all()}
    assert set(saved) == {"Leonor", "Eva"}
    assert (saved["Leonor"].is_minor, saved["Leonor"].consent) == (True, "guardian")
    assert (saved["Eva"].is_minor, saved["Eva"].consent) == (False, "in_person")
    assert all(item.agreed_at and item.text_version for item in saved.values())


def test_who_agrees_for_themselves_is_reported_and_not_registered(client: Client):
    prove(client)
    own = {"exact_address": "Calle Luna 7", "employer": "Acme", "purpose": "work"}
    send(client, "add_stay", stay(**own), then="enter_people")
    invited = {"name": "Eva", "consent": "invited", "mail": "eva@example.org"}
    send(client, "add_companion", invited, then="enter_people")
    send(client, "enter_people", {}, then="give_consents")
    register(client)
    eva = Companion.objects.get()
    ana = Person.objects.get(source="self")
    assert (eva.person, eva.consent, eva.agreed_at) == (ana, "invited", None)
    assert eva.invited is not None
    assert eva.invited.source == "companion"
    assert not eva.invited.contact_points.filter(verified_at__isnull=False).exists()
    # The journey is shared; the lodging and the employer are Ana's alone.
    shared = eva.invited.stays.get()
    assert (shared.country, shared.purpose) == ("NP", "")
    assert (shared.exact_address, shared.aboard_or_with) == (None, None)
    assert "We write to those who travel with you" in page(client, "show_done")


def test_a_companion_is_removed(client: Client):
    until_people(client)
    send(client, "add_companion", CHILD, then="enter_people")
    key = key_on(page(client, "enter_people"), "companions")
    client.post(reverse("remove_companion", args=[key]))
    assert "Leo" not in page(client, "enter_people")
    assert client.get(reverse("edit_companion", args=[key])).status_code == 404
