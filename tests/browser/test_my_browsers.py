"""Notices on this device: a real Chromium keeps the program that shows them. Only the push service
of its maker is played, since no browser can subscribe without the Internet."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from notifications.channels.push.signing import new_keys
from registrations.models import Person
from tests.browser.accessibility import assert_accessible
from tests.factories.registrations import make_person, make_places
from tests.factories.visits import visit_of
from tests.fakes.push import Browser

KEYS = new_keys()
BROWSER = Browser("https://updates.push.services.mozilla.com", KEYS.public)
SUBSCRIBES = f"PushManager.prototype.subscribe = async () => ({json.dumps(BROWSER.subscription)});"
FAILS = "PushManager.prototype.subscribe = async () => { throw new Error('no service'); };"


@pytest.fixture
def person(settings, transactional_db) -> Person:
    settings.CHANNEL_PROVIDERS = settings.CHANNEL_PROVIDERS | {
        "push": [{"name": "webpush", "public_key": KEYS.public, "private_key": KEYS.private}]
    }
    make_places()
    return make_person()


def at_home(page: Page, person: Person, url: str, script: str) -> Page:
    session = visit_of(person).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    page.context.grant_permissions(["notifications"], origin=url)
    page.add_init_script(script)
    page.goto("/register/mine/")
    return page


@pytest.mark.parametrize("locale", ["es", "ar"])
def test_a_browser_is_added_and_shown(open_page, live_server, person, locale):
    page = at_home(open_page(locale=locale, width=360), person, live_server.url, SUBSCRIBES)
    offer = page.locator("[data-push-section]")
    expect(offer).to_be_visible()
    assert_accessible(page)
    offer.get_by_role("button").click()
    expect(page.get_by_text("Firefox").first).to_be_visible()
    kept = person.contact_points.get(channel="push")
    assert json.loads(kept.address)["endpoint"] == BROWSER.endpoint
    program = page.evaluate("navigator.serviceWorker.ready.then((it) => it.active.scriptURL)")
    assert program == f"{live_server.url}/service-worker.js"
    page.goto(f"/register/mine/contacts/{kept.pk}/")
    assert_accessible(page)


def test_where_it_fails_nothing_is_lost_and_it_is_said(open_page, live_server, person):
    page = at_home(open_page(), person, live_server.url, FAILS)
    page.locator("[data-push-section]").get_by_role("button").click()
    expect(page.locator("[data-push-failed]")).to_be_focused()
    assert not person.contact_points.filter(channel="push").exists()


def test_without_scripts_nothing_is_offered(open_page, live_server, person):
    page = at_home(open_page(javascript=False), person, live_server.url, "")
    expect(page.locator("[data-push-section]")).to_be_hidden()
