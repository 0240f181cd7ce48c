"""A browser that shows notices: its person gives it, sees it, and takes it away again."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from audit.actors import Actor
from crises.audience import audience
from notifications.channels.push.signing import new_keys
from notifications.ports import Opened
from registrations import actions
from registrations.models import ContactPoint, Person
from registrations.sources import open_contacts
from tests.factories.crises import make_frozen, make_people
from tests.factories.visits import acts, send, shown
from tests.fakes.push import Browser

pytestmark = pytest.mark.django_db
KEYS = new_keys()
MOZILLA = "https://updates.push.services.mozilla.com"
BROWSER = Browser(MOZILLA, KEYS.public)
OFFER = "Get notices on this device"


@pytest.fixture(autouse=True)
def described(settings) -> None:
    settings.CHANNEL_PROVIDERS = settings.CHANNEL_PROVIDERS | {
        "push": [{"name": "webpush", "public_key": KEYS.public, "private_key": KEYS.private}]
    }


def give(visit: Client, browser: Browser = BROWSER) -> None:
    send(visit, "add_browser", subscription=json.dumps(browser.subscription))


def browsers(person: Person) -> list[ContactPoint]:
    return list(person.contact_points.filter(channel="push"))


def test_it_is_kept_once_and_shown_without_its_address(visit: Client, person: Person):
    page = shown(visit, "read_registration")
    assert OFFER in page
    assert KEYS.public in page
    give(visit)
    give(visit)
    [kept] = browsers(person)
    assert kept.verified_at is not None
    assert acts(person).count("contact.add") == 1
    for page in (shown(visit, "read_registration"), shown(visit, "read_contact", kept.pk)):
        assert "Browser notification" in page
        assert "Firefox" in page
        assert BROWSER.subscription["endpoint"] not in page
    assert "Put another in its place" not in shown(visit, "read_contact", kept.pk)


def test_it_belongs_to_the_audience_of_a_notice():
    person, *_others = make_people()
    notice = make_frozen()
    point = actions.add_untyped_contact(
        person_id=person.pk,
        channel="push",
        address=json.dumps(BROWSER.subscription),
        by=Actor.system("tests"),
    )
    assert point in audience(
        notice.area.area, notice.window_start, notice.window_end, notice.classes
    )
    opened = open_contacts([point.pk], "crisis")[point.pk]
    assert isinstance(opened, Opened)
    assert json.loads(opened.address) == BROWSER.subscription


@pytest.mark.parametrize(
    "given",
    [
        "",
        "{}",
        "null",
        "[" * 5000,
        json.dumps({**BROWSER.subscription, "endpoint": "https://127.0.0.1/push"}),
        json.dumps({**BROWSER.subscription, "endpoint": "https://evil.example/push"}),
        "x" * 100_000,
    ],
)
def test_what_is_no_browser_of_a_known_maker_is_refused(visit: Client, person: Person, given: str):
    send(visit, "add_browser", subscription=given)
    assert "We cannot reach this browser" in shown(visit, "read_registration")
    assert browsers(person) == []


def test_it_goes_but_signs_nobody_in(visit: Client, person: Person):
    """The mail address is the only way back in: it stays, though a browser is there."""
    give(visit)
    mail = person.contact_points.get(channel="mail")
    send(visit, "remove_contact", mail.pk)
    assert "This is the only address that is proved" in shown(visit, "read_registration")
    [browser] = browsers(person)
    send(visit, "remove_contact", browser.pk)
    assert "Firefox" not in shown(visit, "read_registration")
    assert person.contact_points.proved().get() == mail


def test_there_may_not_be_too_many(visit: Client, person: Person):
    for number in range(6):
        give(visit, Browser(f"{MOZILLA}/wpush/{number}", KEYS.public))
    assert person.contact_points.count() == 6
    assert "You have many addresses already" in shown(visit, "read_registration")


def test_where_the_operator_offers_none_there_is_none(visit: Client, person: Person, settings):
    settings.CHANNEL_PROVIDERS = {**settings.CHANNEL_PROVIDERS, "push": []}
    assert OFFER not in shown(visit, "read_registration")
    given = {"subscription": json.dumps(BROWSER.subscription)}
    assert visit.post(reverse("add_browser"), given).status_code == 404
    assert browsers(person) == []


def test_the_program_for_browsers_stands_at_the_root(client: Client):
    response = client.get("/service-worker.js")
    assert response.headers["Content-Type"] == "text/javascript"
    assert b"showNotification" in response.content
