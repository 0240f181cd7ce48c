"""6. Confidentiality.

Who sees a person is who answers for the country they are in, has given a reason, and has shown two
proofs of who they are. Everybody else is told that there is nobody: another post, those who watch
over the ledger, a password that somebody found. Whoever looks over a shoulder sees no name before a
reason is given.
"""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from audit.models import Entry
from crises.enums import ReadingReason
from crises.models import Notice
from registrations.models import Person
from tests.factories.accounts import PASSWORD, make_officer, make_post, make_user
from tests.factories.crises import make_frozen, token_of
from tests.factories.crisis_pages import signed_in
from tests.factories.registrations import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Person:
    cache.clear()
    return make_person(name="Quirina Zorrilla")


@pytest.fixture
def notice(person: Person) -> Notice:
    return make_frozen()


def looked_at(client: Client, person: Person, notice: Notice) -> dict[str, tuple[int, str]]:
    """The status and the text of each page on which an officer could meet this person."""
    reason = {"reason": ReadingReason.values[0]}
    purpose = {"purpose": "assistance"}
    sought = {"sought": person.reference, **purpose}
    crisis = notice.crisis_id
    responses = {
        "find": client.post(reverse("find_person"), sought),
        "record": client.post(reverse("read_record", args=[person.pk]), purpose),
        "crisis": client.post(reverse("read_person", args=[crisis, person.pk]), reason),
        "room": client.get(reverse("watch_notice", args=[notice.pk])),
        "list": client.get(reverse("list_crises")),
    }
    return {
        name: (response.status_code, response.content.decode())
        for name, response in responses.items()
    }


def test_the_post_that_answers_for_the_country_finds_and_reads_them(person, notice):
    seen = looked_at(signed_in(notice.author), person, notice)
    assert {status for status, _text in seen.values()} == {200}
    assert person.reference in seen["find"][1]
    assert person.name in seen["record"][1]
    assert person.name in seen["crisis"][1]


def test_to_another_post_they_do_not_exist(person, notice):
    elsewhere = make_officer(post=make_post(country="CL", jurisdiction=["CL"]))
    seen = looked_at(signed_in(elsewhere), person, notice)
    assert [seen[name][0] for name in ("record", "crisis", "room")] == [404, 404, 404]
    assert "Nobody was found" in seen["find"][1]
    for _status, text in seen.values():
        assert person.name not in text
        assert f"Open {person.reference}" not in text
        assert notice.crisis.title not in text
    assert not Entry.objects.filter(action="person.read").exists()


@pytest.mark.parametrize("role", [Role.DATA_PROTECTION_OFFICER, Role.AUDITOR, Role.OPERATOR])
def test_whoever_watches_over_the_portal_meets_nobody_in_it(person, notice, role):
    seen = looked_at(signed_in(make_user(role)), person, notice)
    assert [seen[name][0] for name in ("find", "record", "crisis")] == [403, 403, 403]
    assert not [text for _status, text in seen.values() if person.name in text]


def test_a_password_alone_opens_nothing(client: Client, person, notice):
    officer = make_officer(post=notice.author.post, email="ana@mfa.example")
    client.post("/accounts/login/", {"login": officer.email, "password": PASSWORD})
    seen = looked_at(client, person, notice)
    assert {status for status, _text in seen.values()} == {302}
    # Nor does an account that never set up a second proof.
    bare = signed_in(make_user(post=notice.author.post, second_factor=False))
    seen = looked_at(bare, person, notice)
    assert {status for status, _text in seen.values()} <= {302, 403}
    assert not [text for _status, text in seen.values() if person.name in text]


def test_whoever_holds_the_phone_reads_no_name_behind_the_link(client: Client, person, notice):
    page = client.get(f"/a/{token_of(notice, person)}/")
    assert page.status_code == 200
    for word in (person.name, "Quirina", "ana@example.org", "Luz", person.reference):
        assert word not in page.content.decode()
    assert page["Referrer-Policy"] in {"no-referrer", "same-origin"}
