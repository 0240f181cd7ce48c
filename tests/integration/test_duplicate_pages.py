"""The officers' pages about one person entered twice."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from audit.actors import Actor
from audit.ledger import entries_about, read_note
from audit.models import Entry
from registrations import actions
from registrations.duplicates import pair_for
from registrations.enums import Source
from registrations.models import Merge, Person, Verdict
from tests.factories.accounts import make_coordinator, make_officer, make_post, make_user
from tests.factories.likenesses import alike, someone
from tests.factories.registrations import country_stay

pytestmark = pytest.mark.django_db

OFFICER = Actor.system("tests")


@pytest.fixture
def officer() -> User:
    return make_officer(name="Marta Holm")


@pytest.fixture
def pair() -> tuple[Person, Person]:
    one, other = alike(name="Ana Pérez", document_number="XDB1234567")
    first, second = sorted([one, other], key=lambda person: person.pk)
    return first, second


def url(name: str, *people: Person) -> str:
    return reverse(name, args=[person.pk for person in people])


def opened(client: Client, pair: tuple[Person, Person], **changes: str) -> Any:
    data = {"purpose": "data_quality", "note": "Both rang today"} | changes
    return client.post(url("compare_people", *pair), data)


def test_the_list_names_nobody(client: Client, officer: User, pair: tuple[Person, Person]) -> None:
    client.force_login(officer)
    shown = client.get(reverse("list_duplicates")).content.decode()
    assert pair[0].reference in shown
    assert "Document number" in shown
    assert "Nepal" in shown
    for value in ("Ana", "Pérez", "XDB", "4567", "example.org"):
        assert value not in shown
    assert not Entry.objects.filter(action="person.read").exists()


def test_nothing_is_shown_before_a_reason_is_given(
    client: Client, officer: User, pair: tuple[Person, Person]
) -> None:
    client.force_login(officer)
    for page in (client.get(url("compare_people", *pair)), opened(client, pair, purpose="")):
        assert "Ana" not in page.content.decode()
        assert page["Cache-Control"] == "no-store"
    assert "Choose a reason." in page.content.decode()
    assert not Entry.objects.filter(action="person.read").exists()


def test_with_a_reason_both_are_shown_and_both_readings_are_in_the_ledger(
    client: Client, officer: User, pair: tuple[Person, Person]
) -> None:
    client.force_login(officer)
    shown = opened(client, pair).content.decode()
    assert "Ana Pérez" in shown
    assert "Same" in shown
    # Enough to ask the person by, too little to use.
    assert "••••567" in shown
    assert "n•••@example.org" in shown
    for point in (*pair[0].contact_points.all(), *pair[1].contact_points.all()):
        assert point.address not in shown
    assert "XDB1234567" not in shown
    for person in pair:
        entry = entries_about(person.pk).get(action="person.read")
        assert (entry.purpose, entry.actor_id) == ("data_quality", str(officer.pk))
        assert read_note(entry, person.pk) == "Both rang today"


def test_stays_elsewhere_are_only_counted(client: Client, officer: User) -> None:
    one = someone(document_number="A12345")
    other = someone(document_number="A12345", stays=(country_stay("FJ"), country_stay("US")))
    client.force_login(officer)
    pages = (client.get(reverse("list_duplicates")), opened(client, (one, other)))
    for page in pages:
        assert "Fiji" not in page.content.decode()
    assert "2 stays outside your countries" in pages[1].content.decode()
    client.force_login(make_coordinator())
    assert "Fiji" in opened(client, (one, other)).content.decode()


def test_differences_are_said_in_words(client: Client, officer: User) -> None:
    one = someone(name="Ana Pérez", document_number="A12345", birth_date=dt.date(1990, 1, 1))
    other = someone(name="Ana Ruiz", document_number="A12345")
    client.force_login(officer)
    shown = opened(client, (one, other)).content.decode()
    for words in ("Partly the same", "Only in one", "Different", "Same"):
        assert words in shown


def test_reports_are_shown_with_where_they_came_from(client: Client, officer: User) -> None:
    one, other = alike(document_number="A12345")
    Person.objects.filter(pk=other.pk).update(source=Source.RELATIVE)
    other.reports.create(source=Source.RELATIVE, reporter={"name": "Luz"}, note="She rang me")
    client.force_login(officer)
    shown = opened(client, (one, other)).content.decode()
    assert "A relative, Luz, She rang me" in shown


def test_a_name_typed_in_a_crisis_is_no_proof(client: Client, officer: User) -> None:
    one, other = alike(document_number="A12345")
    client.force_login(officer)
    assert "where nobody proves their name" not in opened(client, (one, other)).content.decode()
    Person.objects.filter(pk=other.pk).update(source=Source.CRISIS)
    assert "where nobody proves their name" in opened(client, (one, other)).content.decode()


def test_an_officer_of_another_post_finds_no_page(
    client: Client, officer: User, pair: tuple[Person, Person]
) -> None:
    client.force_login(officer)
    client.post(url("merge_people", *pair), {"keep": str(pair[0].pk)})
    merge = Merge.objects.get()
    others = alike(document_number="C12345")
    verdict = actions.part_people(first_id=others[0].pk, second_id=others[1].pk, by=OFFICER)
    client.force_login(make_officer(post=make_post(country="FJ", jurisdiction=["FJ"])))
    assert client.get(url("compare_people", *others)).status_code == 404
    assert opened(client, others).status_code == 404
    for name in ("merge_people", "part_people"):
        answer = client.post(url(name, *others), {"keep": str(others[0].pk)})
        assert answer.status_code == 404
    assert client.post(reverse("undo_merge", args=[merge.pk])).status_code == 404
    assert client.post(reverse("take_back_verdict", args=[verdict.pk])).status_code == 404
    for name in ("list_merges", "list_duplicates"):
        assert pair[0].reference not in client.get(reverse(name)).content.decode()
    merge.refresh_from_db()
    assert merge.undone_at is None
    assert Verdict.objects.filter(pk=verdict.pk).exists()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OPERATOR, Role.DATA_PROTECTION_OFFICER])
def test_the_pages_are_for_officers(
    client: Client, role: Role, pair: tuple[Person, Person]
) -> None:
    client.force_login(make_user(role))
    assert client.get(reverse("list_duplicates")).status_code == 403
    assert client.get(reverse("list_merges")).status_code == 403
    assert opened(client, pair).status_code == 403
    client.logout()
    assert client.get(url("compare_people", *pair)).status_code == 302


def test_two_who_share_nothing_are_compared_only_where_both_are_visible(
    client: Client, officer: User
) -> None:
    one, other, far = someone(), someone(), someone(stays=(country_stay("FJ"),))
    assert pair_for(officer, one.pk, other.pk) is not None
    assert pair_for(officer, one.pk, far.pk) is None
    assert pair_for(officer, one.pk, one.pk) is None
    assert pair_for(officer, one.pk, uuid4()) is None
    client.force_login(officer)
    typed = {"first": one.reference.lower(), "second": other.reference.replace("-", " ")}
    answer = client.post(reverse("list_duplicates"), typed)
    first, second = sorted([one, other], key=lambda person: person.pk)
    assert answer.headers["Location"] == url("compare_people", first, second)
    # Somebody elsewhere and nobody at all get the same answer.
    answers = [
        client.post(reverse("list_duplicates"), {"first": one.reference, "second": reference})
        for reference in (far.reference, "ZZZZ-ZZZZ")
    ]
    for page in answers:
        assert "You cannot compare these two." in page.content.decode()
    nonsense = client.post(reverse("list_duplicates"), {"first": "?", "second": one.reference})
    assert "eight letters and digits" in nonsense.content.decode()


def test_merging_and_undoing_on_the_pages(
    client: Client, officer: User, pair: tuple[Person, Person]
) -> None:
    client.force_login(officer)
    data = {"keep": str(pair[1].pk), "note": "She said so"}
    assert (
        "can be undone"
        in client.post(url("merge_people", *pair), data, follow=True).content.decode()
    )
    merge = Merge.objects.get()
    assert (merge.kept_id, merge.absorbed_id) == (pair[1].pk, pair[0].pk)
    assert client.get(url("compare_people", *pair)).status_code == 404
    undone = client.post(reverse("undo_merge", args=[merge.pk]), follow=True)
    assert "two registrations again" in undone.content.decode()
    again = client.post(reverse("undo_merge", args=[merge.pk]), follow=True)
    assert "undone already" in again.content.decode()
    assert client.get(url("compare_people", *pair)).status_code == 200


def test_a_refusal_is_said_and_changes_nothing(
    client: Client, officer: User, pair: tuple[Person, Person]
) -> None:
    Person.objects.filter(pk=pair[0].pk).update(source=Source.GROUP)
    client.force_login(officer)
    page = client.post(url("merge_people", *pair), {"keep": str(pair[0].pk)}, follow=True)
    assert "Keep the one that the person made." in page.content.decode()
    for nonsense in ("", "x", str(uuid4())):
        page = client.post(url("merge_people", *pair), {"keep": nonsense}, follow=True)
        assert "Nothing was changed." in page.content.decode()
    assert not Merge.objects.exists()
    assert client.get(url("merge_people", *pair)).status_code == 405


def test_two_different_people_and_taken_back(
    client: Client, officer: User, pair: tuple[Person, Person]
) -> None:
    client.force_login(officer)
    page = client.post(url("part_people", *pair), {"note": "Two passports"}, follow=True)
    assert "They are two people." in page.content.decode()
    assert "Nobody in your countries" in page.content.decode()
    verdict = Verdict.objects.get()
    assert "cannot be merged" in client.get(url("compare_people", *pair)).content.decode()
    assert pair[0].reference in client.get(reverse("list_merges")).content.decode()
    back = client.post(reverse("take_back_verdict", args=[verdict.pk]), follow=True)
    assert "can be compared again" in back.content.decode()
    assert not Verdict.objects.exists()
    for person in pair:
        acts = list(entries_about(person.pk).values_list("action", flat=True))
        assert acts[:2] == ["person.ask_again", "person.part"]


def test_what_would_be_left_out_is_said_before_deciding(client: Client, officer: User) -> None:
    one = someone(document_number="A12345")
    other = someone(
        document_number="A12345",
        needs="Insulin",
        consents=frozenset({"crisis_contact", "needs"}),
    )
    client.force_login(officer)
    shown = opened(client, (one, other)).content.decode()
    assert "leaves out the medical or mobility needs" in shown
    assert "Insulin" not in shown


def test_only_the_way_that_would_be_taken_is_offered(client: Client, officer: User) -> None:
    own, report = alike(document_number="A12345")
    Person.objects.filter(pk=report.pk).update(source=Source.RELATIVE)
    client.force_login(officer)
    shown = opened(client, (own, report)).content.decode()
    assert f"Same person: keep {own.reference}" in shown
    assert f"Same person: keep {report.reference}" not in shown
    assert "Keep the one that the person made." in shown
