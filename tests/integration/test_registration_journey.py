"""The whole way from the start page to done, without JavaScript."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from registrations.answers import Answers
from registrations.codes import code_of
from registrations.models import Challenge, Consent, ContactPoint, Draft, Person, Stay
from tests.factories.accounts import make_post
from tests.factories.journey import WHO, newest_code, page, prove, send, stay, until_check
from tests.factories.registrations import KATHMANDU, make_places

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world():
    cache.clear()
    return make_places()


def test_a_traveller_registers(client: Client):
    assert reverse("enter_name") in page(client, "start")
    page(client, "enter_name")
    send(client, "enter_name", WHO | {"mobile": "0034 600 123 456"}, then="confirm_code")
    shown = page(client, "confirm_code")
    assert "Ana@example.org" in shown
    assert "+34600123456" in shown
    codes = {
        f"code_{challenge.channel}": code_of(challenge.pk) for challenge in Challenge.objects.all()
    }
    send(client, "confirm_code", codes, then="add_stay")
    page(client, "add_stay")
    send(client, "add_stay", stay(then="another"), then="add_stay")
    assert "Kathmandu, Nepal" in page(client, "add_stay")
    residence = {
        "kind": "residence",
        "latitude": "33,4569 S",
        "longitude": "-70.6483",
        "exact_address": "Calle Luna 7",
    }
    send(client, "add_stay", residence, then="enter_people")
    page(client, "enter_people")
    family = {"name": "Luz", "relationship": "madre", "phone": "+34 911 234 567", "mail": ""}
    send(client, "enter_people", family, then="give_consents")
    page(client, "give_consents")
    send(client, "give_consents", {"crisis_contact": "on", "advice": "on"}, then="check_answers")
    shown = page(client, "check_answers")
    for text in ("Ana Pérez", "Kathmandu, Nepal", "Chile", "Calle Luna 7", "Luz", "+34911234567"):
        assert text in shown
    send(client, "check_answers", {}, then="show_done")

    person = Person.objects.get()
    assert person.reference in page(client, "show_done")
    assert (person.name, person.language) == ("Ana Pérez", "es")
    assert {point.address for point in ContactPoint.objects.all()} == {
        "Ana@example.org",
        "+34600123456",
    }
    assert all(point.verified_at for point in ContactPoint.objects.all())
    trip, home = Stay.objects.order_by("-kind")
    assert (trip.precision, trip.place_id, trip.time_zone) == (
        "place",
        KATHMANDU,
        "Asia/Kathmandu",
    )
    assert (home.precision, home.country, home.time_zone) == ("pin", "CL", "America/Santiago")
    assert home.is_open_ended
    assert home.exact_address == "Calle Luna 7"
    assert set(Consent.objects.values_list("purpose", flat=True)) == {"crisis_contact", "advice"}
    assert not Draft.objects.exists()
    assert not Challenge.objects.exists()
    assert list(client.session.keys()) == ["registration"]


def test_a_plain_registration_takes_few_requests(client: Client):
    """One stay and one family contact: each question is one page, and each page is sent once."""
    asked = 0

    def follow(url: str, data: dict[str, str] | None = None) -> str:
        """Ask as a browser does; return where its redirects ended."""
        nonlocal asked
        response = client.get(url) if data is None else client.post(url, data)
        asked += 1
        if response.status_code == 302:
            return follow(response["Location"])
        assert response.status_code == 200
        return url

    follow(reverse("start"))
    url = follow(reverse("enter_name"))
    url = follow(url, WHO)
    for answer in (
        {"code_mail": newest_code()},
        stay(),
        {"name": "Luz", "phone": "+34 911 234 567", "language": "es"},
        {"crisis_contact": "on"},
        {},
    ):
        url = follow(url, answer)
    assert url == reverse("show_done")
    assert Person.objects.get().family_contacts.count() == 1
    assert asked == 14


def test_the_end_says_what_happens_next(client: Client):
    make_post(jurisdiction=["NP"], telephone_24h="+97715550100")
    until_check(client)
    send(client, "check_answers", {}, then="show_done")
    shown = page(client, "show_done")
    assert "+97715550100" in shown
    assert reverse("read_advice", args=["NP"]) in shown
    assert reverse("read_registration") in shown
    assert "We tell the people you listed" not in shown
    assert "we send you no news" in shown


def test_registering_may_begin_at_the_advice_for_a_country(client: Client):
    shown = client.get(reverse("start"), {"country": "NP"}).content.decode()
    begin = reverse("enter_name") + "?country=NP"
    assert begin in shown
    assert client.post(begin, WHO)["Location"] == reverse("confirm_code")
    send(client, "confirm_code", {"code_mail": newest_code()}, then="add_stay")
    assert '<option value="NP" selected>' in page(client, "add_stay")


@pytest.mark.parametrize("country", ["", "XX", "np", "<b>", "NP&x=1"])
def test_what_is_no_country_is_not_taken_over(client: Client, country):
    shown = client.get(reverse("start"), {"country": country}).content.decode()
    assert f'href="{reverse("enter_name")}"' in shown
    client.post(f"{reverse('enter_name')}?{urlencode({'country': country})}", WHO)
    assert Answers.from_json(Draft.objects.get().answers).country == ""


def test_steps_cannot_be_skipped(client: Client):
    for name in ("confirm_code", "add_stay", "enter_people", "give_consents", "check_answers"):
        assert client.get(reverse(name))["Location"] == reverse("enter_name")
    assert client.get(reverse("show_done"))["Location"] == reverse("start")
    send(client, "enter_name", WHO, then="confirm_code")
    assert client.get(reverse("check_answers"))["Location"] == reverse("confirm_code")


def test_sent_twice_it_is_done_once(client: Client):
    until_check(client)
    send(client, "check_answers", {}, then="show_done")
    send(client, "check_answers", {}, then="show_done")
    assert Person.objects.count() == 1
    assert Stay.objects.count() == 1


def test_a_changed_address_is_proved_anew(client: Client):
    until_check(client)
    send(client, "enter_name", WHO | {"name": "Ana P."}, then="check_answers")
    assert Challenge.objects.count() == 1
    send(client, "enter_name", WHO | {"mail": "new@example.org"}, then="confirm_code")
    send(client, "confirm_code", {"code_mail": newest_code()}, then="check_answers")


def test_an_expired_draft_says_so(client: Client):
    prove(client)
    Draft.objects.update(expires_at=timezone.now())
    assert client.get(reverse("add_stay"))["Location"] == reverse("enter_name")
    assert "kept for 72 hours" in page(client, "enter_name")
    send(client, "enter_name", WHO, then="confirm_code")


def test_what_is_kept_can_be_read_and_erased(client: Client):
    until_check(client)
    send(client, "check_answers", {}, then="show_done")
    shown = page(client, "read_registration")
    assert "Ana Pérez" in shown
    assert "Kathmandu, Nepal" in shown
    assert client.post(reverse("stop_consent"), {"purpose": "crisis_contact"}).status_code == 302
    assert Consent.objects.get().withdrawn_at
    page(client, "erase_registration")
    send(client, "erase_registration", {}, then="start")
    assert not Person.objects.exists()
    assert client.get(reverse("read_registration"))["Location"] == reverse("sign_in")


def test_every_page_is_small(client: Client):
    until_check(client)
    names = ("start", "enter_name", "add_stay", "enter_people", "give_consents", "check_answers")
    for name in names:
        assert len(page(client, name)) < 60_000, name
