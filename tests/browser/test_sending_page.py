"""How sending stands, in a real browser: on a small phone, in both directions, and by itself."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.enums import Role
from notifications.standing import ProviderStand
from notifications.watching.enums import Heart, Result
from oversight.actions.sending import watch_sending
from tests.browser.accessibility import assert_accessible
from tests.factories.accounts import make_user
from tests.factories.watching import count, heard, make_rows

PATH = reverse("show_sending")


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> None:
    cache.delete("notifications.reading")


def as_operator(page: Page, client, live_server) -> Page:
    client.force_login(make_user(Role.OPERATOR))
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page.goto(PATH)
    return page


@pytest.mark.parametrize("locale", ["es", "ar"])
def test_the_page_is_accessible_with_everything_wrong(open_page, client, live_server, locale):
    make_rows(5, due_seconds_ago=300)
    make_rows(3, channel="sms", held=True)
    count(Result.ACCEPTED, 200, minutes_ago=9)
    count(Result.RETRIED, 50, minutes_ago=8, code="smtp_451")
    ProviderStand.objects.create(key="mail.smtp", failures=9, opened=1)
    heard(Heart.SCHEDULER, 300)
    watch_sending()
    page = as_operator(open_page(locale=locale, width=360), client, live_server)
    expect(page.locator(".flow--danger")).to_be_visible()
    page.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
    assert_accessible(page)


def test_it_brings_itself_up_to_date(open_page, client, live_server):
    heard(Heart.SCHEDULER)
    page = as_operator(open_page(), client, live_server)
    expect(page.locator(".flow__title")).to_have_text("All is quiet")
    count(Result.ACCEPTED, 7)
    cache.delete("notifications.reading")
    expect(page.locator(".flow__title")).to_have_text("Everything flows", timeout=15_000)
    expect(page.locator("[data-live-say]")).to_contain_text("7 messages", timeout=30_000)


def test_without_scripts_a_link_brings_it_up_to_date(open_page, client, live_server):
    page = as_operator(open_page(javascript=False, width=360), client, live_server)
    expect(page.locator(".flow__title")).to_have_text("All is quiet")
    count(Result.ACCEPTED, 7)
    cache.delete("notifications.reading")
    page.get_by_role("link", name="Refresh").click()
    expect(page.locator(".flow__title")).to_have_text("Everything flows")
