"""Where somebody stays and when: towns, pins, regions, ships, and days as people write them."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from registrations.answers import Answers
from registrations.models import Draft, Stay
from tests.factories.journey import page, prove, register, send, stay, until_check
from tests.factories.registrations import make_places, today

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world():
    cache.clear()
    return make_places()


def answers() -> Answers:
    return Answers.from_json(Draft.objects.get().answers)


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
        ({"starts_on": "30/2/2027"}, "This day does not exist in the calendar."),
        ({"starts_on": "12/31/2027"}, "There are 12 months."),
        ({"starts_on": "1/1/27"}, "Write the year with four digits"),
        ({"starts_on": "2570-12-31"}, "Check the year."),
        ({"kind": "voyage", "ship": ""}, "Write the name of the ship."),
        ({"around": "on", "place": "", "country": "NP"}, "Write a town of the region you mean."),
        ({"purpose": "espionage"}, "Select a valid choice."),
        ({"country": "XX"}, "Select a valid choice."),
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
    "written", ["{d}/{m}/{y}", "{d}.{m}.{y}", "{d}-{m}-{y}", "{d} {m} {y}", "{y}-{m:02}-{d:02}"]
)
@pytest.mark.parametrize("digits", ["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"])
def test_days_are_taken_as_each_culture_writes_them(client: Client, written, digits):
    prove(client)
    days = {
        name: written.format(d=day.day, m=day.month, y=day.year).translate(
            str.maketrans("0123456789", digits)
        )
        for name, day in (("starts_on", today()), ("ends_on", today() + dt.timedelta(days=3)))
    }
    send(client, "add_stay", stay(**days), then="enter_people")
    kept = answers().stays[0]
    assert (kept.starts_on, kept.ends_on) == (today(), today() + dt.timedelta(days=3))


def test_a_day_typed_by_hand_is_not_lost_beside_another_mistake(client: Client):
    prove(client)
    shown = send(client, "add_stay", stay(place="Xyzzyville", starts_on="31/12/2028"))
    assert 'value="2028-12-31"' in shown


def test_a_voyage_has_a_stay_for_each_port_of_one_ship(client: Client):
    prove(client)
    port = stay(kind="voyage", ship="MS Aurora", place="Suva", employer="ignored", then="another")
    send(client, "add_stay", port, then="add_stay")
    shown = page(client, "add_stay")
    assert 'value="MS Aurora"' in shown
    assert re.search(r'value="voyage"[^>]*checked', shown)
    assert f'name="starts_on" value="{port["ends_on"]}"' in shown
    following = {"starts_on": port["ends_on"], "ends_on": port["ends_on"]}
    send(
        client, "add_stay", stay(kind="voyage", ship="MS Aurora", **following), then="enter_people"
    )
    send(client, "enter_people", {}, then="give_consents")
    register(client)
    ports = Stay.objects.filter(kind="voyage").order_by("starts_on", "country")
    assert [item.aboard_or_with for item in ports] == ["MS Aurora", "MS Aurora"]
    assert [item.country for item in ports] == ["FJ", "NP"]


def test_the_stages_of_a_trip_may_overlap_and_are_put_in_order(client: Client):
    prove(client)
    later = {"starts_on": (today() + dt.timedelta(days=5)).isoformat(), "place": "Suva"}
    send(client, "add_stay", stay(**later), then="enter_people")
    send(client, "add_stay", stay(), then="enter_people")
    assert [item.country for item in answers().stays] == ["NP", "FJ"]


def test_after_a_residence_nothing_is_taken_for_the_next_stay(client: Client):
    prove(client)
    send(client, "add_stay", stay(kind="residence", ends_on=""), then="enter_people")
    shown = page(client, "add_stay")
    assert 'name="starts_on" value' not in shown


def test_only_the_region_may_be_known(client: Client):
    prove(client)
    send(client, "add_stay", stay(place="Suva", around="on"), then="enter_people")
    kept = answers().stays[0]
    assert (kept.precision, kept.country, kept.admin1) == ("region", "FJ", "01")
    assert (kept.place_id, kept.cell) == (None, None)
    send(client, "enter_people", {}, then="give_consents")
    send(client, "give_consents", {"crisis_contact": "on"}, then="check_answers")
    shown = page(client, "check_answers")
    assert "The region around Suva, Fiji" in shown
    key = shown.split("/register/where/")[1].split("/")[0]
    change = client.get(reverse("edit_stay", args=[key])).content.decode()
    assert 'value="Suva, Fiji"' in change
    assert re.search(r'name="around"[^>]*checked', change)
    send(client, "check_answers", {}, then="show_done")
    saved = Stay.objects.get()
    assert (saved.precision, saved.admin1, saved.time_zone) == ("region", "01", "Pacific/Fiji")


def test_a_town_whose_region_is_not_known_stands_for_its_country(client: Client):
    prove(client)
    send(client, "add_stay", stay(place="Kathmandu", around="on"), then="enter_people")
    kept = answers().stays[0]
    assert (kept.precision, kept.country, kept.time_zone) == ("country", "NP", "Asia/Kathmandu")


HOSTILE = "<script>alert(1)</script>'; DROP TABLE registrations_stay; -- {{ x }} 👩‍🚀"


def test_scripts_and_sql_are_only_text_in_every_field(client: Client):
    prove(client)
    free = ("exact_address", "employer", "ship")
    send(client, "add_stay", stay(**dict.fromkeys(free, HOSTILE)), then="enter_people")
    shown = page(client, "add_stay")
    assert escape(HOSTILE) in shown
    for name in stay(**dict.fromkeys((*free, "place_id", "latitude", "longitude", "purpose"), "")):
        answer = client.post(reverse("add_stay"), stay(purpose="work") | {name: HOSTILE})
        assert answer.status_code in {200, 302}, name
        assert "<script>alert" not in answer.content.decode(), name


def test_why_and_with_whom_somebody_goes_is_kept(client: Client):
    prove(client)
    told = {"purpose": "work", "employer": "Acme", "exact_address": "Calle Luna 7"}
    send(client, "add_stay", stay(**told), then="enter_people")
    send(client, "enter_people", {}, then="give_consents")
    register(client)
    saved = Stay.objects.get()
    assert (saved.purpose, saved.aboard_or_with) == ("work", "Acme")
    assert saved.exact_address == "Calle Luna 7"
