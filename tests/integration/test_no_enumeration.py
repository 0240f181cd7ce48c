"""Nobody learns whether something exists: what is not theirs looks and costs as what is not.

The forms that ask for an address are held to the same in test_sign_in.py, test_registration_who.py,
test_groups.py, test_crisis_relatives.py (travellers) and test_signing_in.py, test_second_factor.py
(staff).
"""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registrations.models import Person
from tests.authorization.routes import Route, routes
from tests.authorization.world import make_world
from tests.factories.accounts import make_officer, make_post
from tests.factories.crisis_pages import signed_in
from tests.factories.likenesses import someone
from tests.factories.registrations import make_places
from tests.factories.visits import visit_of

pytestmark = pytest.mark.django_db

# By the beginning of a route: whom the objects on it are hidden from.
STAFF = (
    "crises/",
    "notices/",
    "areas/",
    "staff/people/",
    "staff/duplicates/",
    "accounts/sessions/",
)
TRAVELLERS = ("register/mine/", "groups/")


@pytest.fixture
def world() -> tuple[dict[str, Client], dict[str, Any]]:
    return make_world()


def answer(client: Client, method: str, address: str) -> tuple[HttpResponse, int]:
    """The response, and how many queries it took."""
    cache.clear()
    with CaptureQueriesContext(connection) as work:
        response: HttpResponse = getattr(client, method)(address)
    return response, len(work)


def bare(text: str) -> str:
    """Without identifiers, and the tokens against forged requests."""
    return re.sub(
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[A-Za-z0-9]{64}\b|\b\d+\b", "", text
    )


def difference(client: Client, route: Route, objects: dict[str, Any]) -> list[str]:
    """How what exists and is not theirs differs from what does not exist."""
    there, nowhere = route.address(objects), route.address({})
    found = []
    for method in ("get", "post"):
        real, work = answer(client, method, there)
        none, no_work = answer(client, method, nowhere)
        if (real.status_code, bare(real.get("Location", ""))) != (
            none.status_code,
            bare(none.get("Location", "")),
        ):
            found.append(f"{method} /{route.path}: {real.status_code}, {none.status_code}")
        elif work != no_work:
            found.append(f"{method} /{route.path}: {work} queries, {no_work}")
        elif bare(real.content.decode()) != bare(none.content.decode()):
            found.append(f"{method} /{route.path}: another page")
    return found


def test_what_lies_in_another_posts_countries_looks_like_nothing(world):
    callers, objects = world
    client = callers["wrong post"]
    client.get(reverse("show_account"))
    differing = []
    for route in routes():
        if route.path.startswith(STAFF) and "<" in route.path:
            differing += difference(client, route, objects)
    assert not differing, "\n".join(differing)


def test_what_is_another_travellers_looks_like_nothing(world):
    _callers, objects = world
    client = visit_of(someone())
    client.get(reverse("read_registration"))
    differing = []
    for route in routes():
        if route.path.startswith(TRAVELLERS) and "uuid:" in route.path:
            differing += difference(client, route, objects)
    assert not differing, "\n".join(differing)


class TestSearching:
    """An officer whose post answers for Chile, and somebody who is in Nepal alone."""

    @pytest.fixture(autouse=True)
    def places(self) -> None:
        make_places()

    @pytest.fixture
    def person(self) -> Person:
        return someone(document_number="XDB-123456")

    @pytest.fixture
    def officer(self) -> Client:
        client = signed_in(make_officer(post=make_post(name="Santiago", jurisdiction=["CL"])))
        client.get(reverse("show_account"))
        return client

    def sent(self, client: Client, name: str, data: dict[str, str]) -> tuple[int, int, str]:
        cache.clear()
        with CaptureQueriesContext(connection) as work:
            response = client.post(reverse(name), data)
        page = response.content.decode()
        for value in data.values():
            page = page.replace(value, "")
        return response.status_code, len(work), bare(page)

    @pytest.mark.parametrize("by", ["address", "document", "reference"])
    def test_finding_one_person(self, officer, person, by):
        known, unknown = {
            "address": (person.contact_points.get().address, "nobody0@example.org"),
            "document": ("XDB-123456", "XDB-654321"),
            "reference": (person.reference, Person(pk=uuid.uuid4()).reference),
        }[by]
        asked = {"purpose": "family"}
        first = self.sent(officer, "find_person", asked | {"sought": known})
        second = self.sent(officer, "find_person", asked | {"sought": unknown})
        assert first[::2] == second[::2]
        if by != "reference":
            assert first[1] == second[1]

    def test_comparing_two_references(self, officer, person):
        other = someone()
        nobody, nor_any = (Person(pk=uuid.uuid4()).reference for _one in range(2))
        known = self.sent(
            officer, "list_duplicates", {"first": person.reference, "second": other.reference}
        )
        unknown = self.sent(officer, "list_duplicates", {"first": nobody, "second": nor_any})
        assert known[::2] == unknown[::2]
