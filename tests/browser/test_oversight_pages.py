"""The pages of those who oversee, in a real browser, on a small phone and in both directions."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.enums import Role
from audit.actors import Actor
from oversight.actions import look, publish_heads, verify_ledger
from oversight.models import Alarm
from registrations.actions import run_retention
from tests.browser.accessibility import assert_accessible
from tests.factories.accounts import make_officer, make_post, make_user
from tests.factories.oversight import make_alarm, make_entry


@pytest.fixture
def paths() -> list[str]:
    """Every page, with something on it."""
    officer = make_officer(post=make_post(name="Embassy in Kathmandu"))
    entries = [make_entry(officer, subjects=[uuid.uuid4()]) for _ in range(45)]
    alarm = make_alarm(officer)
    look()
    run_retention(by=Actor.system("tests"))
    verify_ledger(whole=True)
    publish_heads(timezone.now() + dt.timedelta(days=2))
    assert Alarm.objects.count() == 3
    return [
        reverse("show_oversight"),
        reverse("list_entries"),
        reverse("read_entry", args=[entries[0].pk]),
        reverse("list_alarms"),
        reverse("read_alarm", args=[alarm.pk]),
        reverse("handle_alarm", args=[alarm.pk]),
        reverse("list_heads"),
        reverse("list_retention_runs"),
    ]


@pytest.mark.parametrize("locale", ["es", "ar"])
def test_the_pages_are_accessible(open_page, client, live_server, locale, paths):
    page = open_page(locale=locale, width=360)
    client.force_login(make_user(Role.DATA_PROTECTION_OFFICER))
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    for path in paths:
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        for closed in page.locator("main details:not([open]) > summary").all():
            closed.click()
        assert_accessible(page)


def test_an_auditor_searches_and_pages_without_scripts(open_page, client, live_server, paths):
    page = open_page(javascript=False, width=360)
    client.force_login(make_user(Role.AUDITOR))
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    make_entry(make_officer(), action="crisis.open", subjects=())
    page.goto(reverse("list_entries"))
    page.get_by_role("link", name="Older entries").click()
    expect(page.get_by_role("heading", name="Older entries")).to_be_visible()
    page.get_by_text("More to search by").click()
    page.get_by_label("What was done").select_option("crisis.open")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".entries > li")).to_have_count(1)
    page.locator(".entries a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Opened a crisis")
