"""Officers find one person by something exact, for a reason, and open the record for one."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from audit.ledger import entries_about, read_note
from audit.models import Entry
from registrations import actions
from registrations.models import Person
from tests.factories.accounts import make_coordinator, make_officer, make_post, make_user
from tests.factories.likenesses import alike, mail, someone
from tests.factories.registrations import country_stay

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_officer(name="Marta Holm")


@pytest.fixture
def person() -> Person:
    return someone(
        name="Ana Pérez",
        document_number="XDB-123456",
        contacts=(mail("Ana.Perez@example.org"),),
        needs="insulin",
        consents=frozenset({"crisis_contact", "needs"}),
    )


def find(client: Client, sought: str, **changes: str) -> Any:
    return client.post(reverse("find_person"), {"sought": sought, "purpose": "family"} | changes)


def open_record(client: Client, person: Person, **changes: str) -> Any:
    url = reverse("read_record", args=[person.pk])
    return client.post(url, {"purpose": "assistance"} | changes)


@pytest.mark.parametrize("sought", ["ana.perez@EXAMPLE.org", "xdb 123456", "the reference"])
def test_something_exact_finds_them_without_a_name(
    client: Client, officer: User, person: Person, sought: str
) -> None:
    client.force_login(officer)
    typed = person.reference.lower() if sought == "the reference" else sought
    shown = find(client, typed)
    page = shown.content.decode()
    assert f"Open {person.reference}" in page
    assert "Pérez" not in page
    assert shown["Cache-Control"] == "no-store"
    entry = entries_about(person.pk).get(action="person.find")
    assert entry.purpose == "family"
    assert entry.details["found"] == 1
    assert entry.actor_post == officer.post_id


@pytest.mark.parametrize(
    "sought", ["ana.perez@example.or", "ana@example.org", "XDB12345", "Ana Pérez", "+977980000000"]
)
def test_nothing_near_finds_anybody(
    client: Client, officer: User, person: Person, sought: str
) -> None:
    client.force_login(officer)
    assert person.reference not in find(client, sought).content.decode()


def test_a_telephone_of_two_finds_both_and_a_merged_one_stands(
    client: Client, officer: User
) -> None:
    first, second = alike(name="Ana Pérez", document_number="XDB1234567")
    client.force_login(officer)
    page = find(client, "XDB1234567").content.decode()
    assert first.reference in page
    assert second.reference in page
    actions.merge_people(kept_id=first.pk, absorbed_id=second.pk, by=officer)
    page = find(client, second.reference).content.decode()
    assert f"Open {first.reference}" in page
    assert f"Open {second.reference}" not in page


def test_other_posts_find_nobody_and_open_nothing(client: Client, person: Person) -> None:
    client.force_login(make_officer(post=make_post(name="Lima", jurisdiction=["PE"])))
    page = find(client, "ana.perez@example.org").content.decode()
    assert "Nobody was found" in page
    assert open_record(client, person).status_code == 404
    assert not Entry.objects.filter(action="person.read").exists()


@pytest.mark.parametrize("role", [Role.DATA_PROTECTION_OFFICER, Role.AUDITOR, Role.OPERATOR])
def test_who_sees_no_people_cannot_look_for_them(
    client: Client, person: Person, role: Role
) -> None:
    client.force_login(make_user(role))
    assert find(client, person.reference).status_code == 403
    assert open_record(client, person).status_code == 403


def test_no_search_and_no_record_without_a_reason(
    client: Client, officer: User, person: Person
) -> None:
    client.force_login(officer)
    assert person.reference not in find(client, "XDB123456", purpose="").content.decode()
    assert client.get(reverse("read_record", args=[person.pk])).status_code == 200
    assert "Pérez" not in open_record(client, person, purpose="").content.decode()
    assert "Pérez" not in open_record(client, person, purpose="curiosity").content.decode()
    assert not Entry.objects.filter(action__in=["person.find", "person.read"]).exists()


def test_the_record_opens_once_with_reason_and_sealed_note(
    client: Client, officer: User, person: Person
) -> None:
    client.force_login(officer)
    shown = open_record(client, person, note="The brother rang")
    page = shown.content.decode()
    assert "Pérez" in page
    assert "Ana.Perez@example.org" in page
    assert "insulin" not in page  # Needs are for a crisis.
    assert shown["Cache-Control"] == "no-store"
    entry = entries_about(person.pk).get(action="person.read")
    assert entry.purpose == "assistance"
    assert read_note(entry, person.pk) == "The brother rang"


def test_stays_elsewhere_stay_hidden(client: Client, officer: User) -> None:
    person = someone(stays=(country_stay("NP"), country_stay("PE")))
    client.force_login(officer)
    page = open_record(client, person).content.decode()
    assert "Nepal" in page
    assert "Peru" not in page
    client.force_login(make_coordinator())
    assert "Peru" in open_record(client, person).content.decode()
