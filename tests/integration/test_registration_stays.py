"""Where somebody stays and when: towns, pins, regions, ships, and days as people write them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from registrations.models import Stay
from tests.factories.journey import page, prove, send, stay, until_check
from tests.factories.registrations import make_places, today

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world():
    cache.clear()
    return make_places()


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
