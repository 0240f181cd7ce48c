"""Limits that stop a program and let a crowd through; a request for help is never lost to one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, override

from crises import answer_views
from crises.models import Answer, Crisis, Notice
from micic_portal import rates
from registrations.groups.links import token_of as group_token
from registrations.models import Person
from tests.authorization.routes import routes
from tests.factories.accounts import make_officer
from tests.factories.crises import make_crisis, make_frozen, make_people, token_of
from tests.factories.crisis_forms import register
from tests.factories.groups import make_group
from tests.factories.registrations import make_places

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world() -> None:
    caches["limits"].clear()
    make_places()


@pytest.fixture
def notice() -> Notice:
    make_people(1)
    return make_frozen(make_crisis())


@pytest.fixture
def crisis(notice: Notice) -> Crisis:
    return notice.crisis


def limit(monkeypatch: pytest.MonkeyPatch, view: str, number: int) -> None:
    monkeypatch.setitem(rates.RATES, view, replace(rates.RATES[view], limit=number))


def test_every_limited_view_has_a_route_and_what_its_key_reads():
    found: dict[str, set[str]] = {}
    for route in routes():
        found.setdefault(route.view, set()).add(route.path)
    for name, rate in rates.RATES.items():
        assert name in found, f"{name} has no route"
        if rate.key is rates._token:
            assert all("token>" in path for path in found[name])


def test_a_search_is_counted_by_network_and_says_when_to_come_back(client, monkeypatch):
    limit(monkeypatch, "SearchPlacesView", 2)
    codes = [
        client.get(reverse("search_places"), {"q": "kat"}, REMOTE_ADDR=f"192.0.2.{host}")
        for host in (1, 2, 3)
    ]
    assert [response.status_code for response in codes] == [200, 200, 429]
    assert codes[-1]["Retry-After"] == "600"
    assert codes[-1]["Cache-Control"] == "no-store"
    elsewhere = client.get(reverse("search_places"), {"q": "kat"}, REMOTE_ADDR="198.51.100.1")
    assert elsewhere.status_code == 200


def test_an_embassys_hall_may_search(client):
    """Two hundred people behind one address, thirty keystrokes each."""
    assert rates.RATES["SearchPlacesView"].limit >= 200 * 30


def test_a_link_is_counted_by_its_token_and_looking_is_free(client, notice, monkeypatch):
    limit(monkeypatch, "StopCrisisView", 2)
    token = token_of(notice, Person.objects.get())
    for address in (f"/a/stop/{token}/", f"/a/stop/{token}"):
        assert client.post(address).status_code == 302
    refused = client.post(f"/a/stop/{token}/", REMOTE_ADDR="198.51.100.9")
    assert refused.status_code == 429
    assert b'href="tel:+97714411223"' in refused.content
    assert client.get(f"/a/stop/{token}/").status_code == 200


def test_a_form_of_a_crisis_has_the_number_on_its_refusal(client, crisis, monkeypatch):
    limit(monkeypatch, "RegisterInCrisisView", 0)
    refused = register(client, crisis)
    assert refused.status_code == 429
    assert b'href="tel:+97714411223"' in refused.content
    assert int(refused["Retry-After"]) > 0
    assert not Person.objects.filter(source="crisis").exists()


def test_whoever_needs_help_registers_whatever_was_counted(client, crisis, monkeypatch):
    limit(monkeypatch, "RegisterInCrisisView", 0)
    assert register(client, crisis, wellbeing="need_help").status_code == 302
    assert Answer.objects.get().choice == "need_help"


def test_nobody_else_is_spared_by_calling_for_help(client, notice, monkeypatch):
    """The word stands in one form: anywhere else it would only switch the limit off."""
    limit(monkeypatch, "StopCrisisView", 0)
    token = token_of(notice, Person.objects.get())
    assert client.post(f"/a/stop/{token}/", {"wellbeing": "need_help"}).status_code == 429
    limit(monkeypatch, "FindPersonView", 0)
    client.force_login(make_officer())
    sought = {"sought": "ana@example.org", "purpose": "family", "wellbeing": "need_help"}
    assert client.post(reverse("find_person"), sought).status_code == 429


def test_an_answer_that_asks_for_help_is_taken_beyond_the_limit(client, notice, monkeypatch):
    monkeypatch.setattr(answer_views, "ANSWERS_PER_HOUR", 0)
    page = f"/a/{token_of(notice, Person.objects.get())}/"
    assert client.post(page, {"choice": "safe"}).status_code == 429
    assert not Answer.objects.exists()
    with override("es"):  # The message's language.
        said = gettext("We know that you need help. To tell us more, telephone us.")
    for words in ("roof", "cellar"):
        refused = client.post(page, {"choice": "need_help", "note": words})
        assert refused.status_code == 429
        assert said in refused.content.decode()
        assert b'href="tel:+97714411223"' in refused.content
    assert Answer.objects.get().choice == "need_help"


def test_a_school_joins_through_one_link(client, monkeypatch):
    assert rates.RATES["JoinGroupView"].limit >= 500
    limit(monkeypatch, "JoinGroupView", 0)
    address = reverse("join_group", args=[group_token(make_group())])
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 429


def test_an_officers_searches_are_counted_by_officer(monkeypatch):
    limit(monkeypatch, "FindPersonView", 1)
    sought = {"sought": "ana@example.org", "purpose": "family"}
    for officer in (make_officer(), make_officer()):
        client = Client()
        client.force_login(officer)
        codes = [client.post(reverse("find_person"), sought).status_code for _time in range(2)]
        assert codes == [200, 429]


def test_without_redis_nobody_is_turned_away(client, monkeypatch):
    limit(monkeypatch, "SearchPlacesView", 0)

    def unreachable(*args: object) -> int:
        raise ConnectionError

    monkeypatch.setattr("registrations.limits._count", unreachable)
    assert client.get(reverse("search_places"), {"q": "kat"}).status_code == 200


@pytest.mark.parametrize("is_crisis", [True, False])
def test_too_large_is_said_plainly(client, crisis, is_crisis):
    address = (
        reverse("register_in_crisis", args=[crisis.pk]) if is_crisis else reverse("enter_name")
    )
    response = client.post(address, {"name": "x" * (6 * 1024 * 1024 + 1)})
    assert response.status_code == 413
    assert b"Go back with your browser" in response.content
    assert (b'href="tel:+97714411223"' in response.content) is is_crisis
    assert response["Cache-Control"] == "no-store"


def test_what_is_broken_is_still_a_plain_400(client):
    response = client.get("/", HTTP_HOST="elsewhere.example")
    assert response.status_code == 400
