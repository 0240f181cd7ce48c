"""The whole way from the start page to done, without JavaScript, and each thing that goes wrong."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from notifications.models import Delivery, MessageText
from registrations.codes import code_of
from registrations.models import Challenge, Consent, ContactPoint, Draft, Person, Stay
from tests.factories.registrations import KATHMANDU, make_places, today

pytestmark = pytest.mark.django_db

WHO = {"name": "Ana Pérez", "mail": "Ana@Example.ORG", "mobile": "", "language": "es"}


@pytest.fixture(autouse=True)
def world():
    cache.clear()
    return make_places()


def page(client: Client, name: str) -> str:
    response = client.get(reverse(name))
    assert response.status_code == 200, (name, response.status_code, response.get("Location"))
    return response.content.decode()


def send(client: Client, name: str, data: dict[str, str], then: str | None = None) -> str:
    response = client.post(reverse(name), data)
    if then is None:
        assert response.status_code == 200, response.get("Location")
        return response.content.decode()
    assert response.status_code == 302, response.content.decode()
    assert response["Location"] == reverse(then)
    return ""


def newest_code() -> str:
    return code_of(Challenge.objects.latest("created_at").pk)


def other_code() -> str:
    return f"{(int(newest_code()) + 1) % 1_000_000:06d}"


def stay(**changes: str) -> dict[str, str]:
    given = {
        "kind": "trip",
        "place": "kathmandu",
        "country": "",
        "starts_on": today().isoformat(),
        "ends_on": (today() + dt.timedelta(days=10)).isoformat(),
    }
    return given | changes


def prove(client: Client) -> None:
    send(client, "enter_name", WHO, then="confirm_code")
    send(client, "confirm_code", {"code_mail": newest_code()}, then="add_stay")


def until_check(client: Client) -> None:
    prove(client)
    send(client, "add_stay", stay(), then="enter_people")
    send(client, "enter_people", {}, then="give_consents")
    send(client, "give_consents", {"crisis_contact": "on"}, then="check_answers")


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


def test_the_code_is_sent_and_stored_nowhere(client: Client):
    send(client, "enter_name", WHO, then="confirm_code")
    challenge = Challenge.objects.get()
    code = code_of(challenge.pk)
    delivery = Delivery.objects.get()
    assert (delivery.recipient_id, delivery.channel, delivery.language) == (
        challenge.pk,
        "mail",
        "es",
    )
    for model in (Challenge, Draft, Delivery, MessageText):
        for row in model.objects.values():
            assert code not in str(row)
    assert "{code}" in MessageText.objects.get().body


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "Write your name."),
        ({"name": "x" * 301}, "Write at most 300 letters."),
        ({"mail": ""}, "Write an email address or a mobile number."),
        ({"mail": "ana@"}, "Write an email address, like name@example.org."),
        ({"mail": "a@example.org, b@example.org"}, "Write one email address"),
        ({"mail": "", "mobile": "600123456"}, "Begin the number with +"),
        ({"mail": "", "mobile": "+34 12"}, "This is not a telephone number."),
        ({"mail": "", "mobile": "+34 911 234 567"}, "cannot receive text messages"),
        ({"language": "tlh"}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_with_who_stands_beside_it_and_keeps_the_rest(client, changes, message):
    typed = WHO | changes
    shown = send(client, "enter_name", typed)
    assert message in shown
    assert not Draft.objects.exists()
    kept = [value for value in typed.values() if value and value not in changes.values()]
    assert all(value in shown for value in kept)


def test_names_of_every_kind_are_taken(client: Client):
    for name in ("Ö", "محمد بن عبد الله", "👩‍🚀 Ana", "'; DROP TABLE person; --", "<b>Bo</b>"):
        visit = Client()
        send(visit, "enter_name", WHO | {"name": name}, then="confirm_code")
        cache.clear()


def test_a_wrong_code_an_old_one_a_late_one(client: Client):
    send(client, "enter_name", WHO, then="confirm_code")
    first = newest_code()
    assert "This code is not right" in send(client, "confirm_code", {"code_mail": other_code()})
    assert "The code has 6 digits" in send(client, "confirm_code", {"code_mail": "12a"})
    assert "Write the code we sent" in send(client, "confirm_code", {"code_mail": ""})
    send(client, "confirm_code", {"resend": "mail"}, then="confirm_code")
    assert Challenge.objects.count() == 2
    assert "This is an earlier code" in send(client, "confirm_code", {"code_mail": first})
    Challenge.objects.update(expires_at=timezone.now())
    shown = send(client, "confirm_code", {"code_mail": newest_code()})
    assert "more than 15 minutes old" in shown
    assert newest_code() in shown


def test_five_wrong_tries_end_a_code(client: Client):
    send(client, "enter_name", WHO, then="confirm_code")
    wrong = {"code_mail": other_code()}
    for _ in range(4):
        assert "This code is not right" in send(client, "confirm_code", wrong)
    assert "wrong 5 times" in send(client, "confirm_code", wrong)
    assert "wrong 5 times" in send(client, "confirm_code", {"code_mail": newest_code()})
    send(client, "confirm_code", {"resend": "mail"}, then="confirm_code")
    send(client, "confirm_code", {"code_mail": newest_code()}, then="add_stay")


def test_a_used_code_does_not_work_again(client: Client):
    prove(client)
    used = newest_code()
    send(client, "enter_name", WHO | {"mail": "other@example.org"}, then="confirm_code")
    send(client, "enter_name", WHO, then="confirm_code")
    assert "used already" in send(client, "confirm_code", {"code_mail": used})


def test_codes_are_limited_for_each_contact(client: Client):
    send(client, "enter_name", WHO, then="confirm_code")
    for _ in range(4):
        send(client, "confirm_code", {"resend": "mail"}, then="confirm_code")
    send(client, "confirm_code", {"resend": "mail"}, then="confirm_code")
    assert "several codes there already" in page(client, "confirm_code")
    assert Challenge.objects.count() == 5
    shown = send(Client(), "enter_name", WHO)
    assert "several codes there already" in shown
    assert "Ana@Example.ORG" in shown


def test_the_budget_for_text_messages_is_limited(client: Client, settings):
    settings.REGISTRATION_LIMITS = settings.REGISTRATION_LIMITS | {"sms_codes_per_day": 0}
    shown = send(client, "enter_name", WHO | {"mail": "", "mobile": "+34600123456"})
    assert "We cannot send more text messages today" in shown
    send(client, "enter_name", WHO | {"mobile": "+34600123456"}, then="confirm_code")
    assert "We cannot send more text messages today" in page(client, "confirm_code")


def test_a_network_is_limited(client: Client, settings):
    settings.REGISTRATION_LIMITS = settings.REGISTRATION_LIMITS | {"codes_per_network_hour": 1}
    send(client, "enter_name", WHO, then="confirm_code")
    again = WHO | {"mail": "b@example.org"}
    assert "Many codes have been asked for from your network" in send(Client(), "enter_name", again)
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    send(elsewhere, "enter_name", again, then="confirm_code")


def test_nothing_tells_whether_an_address_is_registered(client: Client):
    until_check(client)
    send(client, "check_answers", {}, then="show_done")
    cache.clear()
    seen = []
    for address in ("ana@example.org", "unknown@example.org"):
        visit = Client()
        with CaptureQueriesContext(connection) as work:
            visit.post(reverse("enter_name"), WHO | {"mail": address})
        seen.append((len(work), without_tokens(page(visit, "confirm_code")).replace(address, "")))
    assert seen[0] == seen[1]


def without_tokens(html: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", html)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"place": ""}, "Write the town, or choose the country"),
        ({"place": "Xyzzyville"}, "We know no town of this name."),
        ({"place": "Katmandhu"}, "Did you mean one of these?"),
        ({"place": "Paris"}, "Several places bear this name. Choose one."),
        ({"place": "Kathmandu", "country": "FR"}, "not in this country"),
        ({"ends_on": "2001-01-01"}, "The last day is before the first day."),
        ({"starts_on": "2001-01-01", "ends_on": "2001-02-01"}, "This stay has already ended."),
        ({"starts_on": ""}, "Write the first day."),
        ({"ends_on": ""}, "Write the last day."),
        ({"starts_on": "31 February"}, "Write the day, the month and the year in numbers"),
        ({"starts_on": "0001-01-01"}, "Check the year."),
        ({"ends_on": "9998-01-01"}, "Check the year."),
        ({"latitude": "91", "longitude": "0"}, "A latitude lies between -90 and 90."),
        ({"latitude": "1", "longitude": "181"}, "A longitude lies between -180 and 180."),
        ({"latitude": "north", "longitude": "1"}, "Write the latitude in decimal degrees"),
        ({"latitude": "1"}, "Write both the latitude and the longitude."),
        ({"place_id": "99999999999999999999"}, None),
        ({"kind": ""}, "Choose one."),
        ({"place": "x" * 301}, "Write at most 300 letters."),
    ],
)
def test_what_is_wrong_with_a_stay_stands_beside_it(client, changes, message):
    prove(client)
    if message is None:
        client.post(reverse("add_stay"), stay(**changes))
        return
    shown = send(client, "add_stay", stay(**changes))
    assert message in shown.replace("&#x27;", "'")
    typed = stay(**changes)
    assert all(typed[name] in shown for name in ("place", "starts_on", "ends_on"))


def test_a_namesake_is_chosen_without_javascript(client: Client):
    prove(client)
    shown = send(client, "add_stay", stay(place="Paris"))
    assert '<input type="radio" name="place_id" value="4717560"' in shown
    assert "Paris, United States" in shown
    # Changing the name afterwards drops the choice.
    shown = send(client, "add_stay", stay(place="Xyzzyville", place_id="4717560"))
    assert "We know no town of this name." in shown
    send(client, "add_stay", stay(place="Paris", place_id="4717560"), then="enter_people")


def test_towns_are_found_in_any_language_and_by_country(client: Client):
    prove(client)
    for number, typed in enumerate(
        ({"place": "巴黎"}, {"place": "काठमाडौं"}, {"place": "PARIS", "country": "FR"})
    ):
        days = {"ends_on": (today() + dt.timedelta(days=20 + number)).isoformat()}
        send(client, "add_stay", stay(**typed, **days, then="another"), then="add_stay")
    assert page(client, "add_stay").count("Paris, France") >= 2


def test_only_the_country_may_be_known(client: Client):
    until_check(client)
    only = stay(place="", country="FJ")
    send(client, "add_stay", only, then="check_answers")
    assert "Somewhere in Fiji" in page(client, "check_answers")
    send(client, "check_answers", {}, then="show_done")
    fiji = Stay.objects.get(country="FJ")
    assert (fiji.precision, fiji.cell, fiji.time_zone) == ("country", None, "Pacific/Fiji")


def test_a_pin_at_sea_and_over_the_antimeridian(client: Client):
    until_check(client)
    for latitude, longitude in (("-30", "-130"), ("-18.1", "180"), ("90", "0"), ("0", "-180")):
        pin = stay(place="", latitude=latitude, longitude=longitude, then="another")
        send(client, "add_stay", pin, then="add_stay")
    send(client, "check_answers", {}, then="show_done")
    assert Stay.objects.filter(precision="pin").count() == 4


def test_a_stay_is_changed_and_removed(client: Client):
    until_check(client)
    shown = page(client, "check_answers")
    key = shown.split("/register/where/")[1].split("/")[0]
    change = reverse("edit_stay", args=[key])
    assert 'value="Kathmandu, Nepal"' in client.get(change).content.decode()
    response = client.post(change, stay(place="Suva"))
    assert response["Location"] == reverse("check_answers")
    shown = page(client, "check_answers")
    assert "Suva, Fiji" in shown
    assert "Kathmandu" not in shown
    client.post(reverse("remove_stay", args=[key]))
    response = client.get(reverse("check_answers"))
    assert response["Location"] == reverse("add_stay")
    assert client.get(change).status_code == 404


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"phone": "+34 911 234 567"}, "Write their name, or leave everything here empty."),
        ({"name": "Luz"}, "Write their telephone or their email address."),
        ({"name": "Luz", "mail": "nobody"}, "Write one email address"),
    ],
)
def test_what_is_wrong_with_the_family_stands_beside_it(client, typed, message):
    prove(client)
    send(client, "add_stay", stay(), then="enter_people")
    shown = send(client, "enter_people", typed)
    assert message in shown
    assert all(value in shown for value in typed.values())


def test_nobody_is_registered_without_the_first_consent(client: Client):
    prove(client)
    send(client, "add_stay", stay(), then="enter_people")
    send(client, "enter_people", {}, then="give_consents")
    shown = page(client, "give_consents")
    assert "checked" not in shown
    assert "Without this we cannot register you" in send(client, "give_consents", {"advice": "on"})
    assert client.get(reverse("check_answers"))["Location"] == reverse("give_consents")


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
    response = client.post(reverse("stop_consent"), {"purpose": "crisis_contact"})
    assert response["Location"] == reverse("read_registration")
    assert Consent.objects.get().withdrawn_at
    page(client, "erase_registration")
    send(client, "erase_registration", {}, then="start")
    assert not Person.objects.exists()
    assert client.get(reverse("read_registration"))["Location"] == reverse("start")


def test_every_page_is_small(client: Client):
    until_check(client)
    names = ("start", "enter_name", "add_stay", "enter_people", "give_consents", "check_answers")
    for name in names:
        assert len(page(client, name)) < 60_000, name
