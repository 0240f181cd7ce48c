"""Officers' own pages, and the partner API's page for people, in a real browser."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.second_factor import code_now
from tests.browser.accessibility import assert_accessible
from tests.factories.accounts import PASSWORD, make_officer
from tests.factories.partners import make_agency
from tests.factories.published_crises import make_crisis


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


def sign_in(page: Page, officer: User) -> None:
    page.goto("/accounts/login/?next=/accounts/")
    page.get_by_label("Mail address").fill(officer.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_an_officer_sets_up_a_second_factor_and_signs_in_with_it(open_page):
    officer, page = make_officer(second_factor=False), open_page()
    sign_in(page, officer)
    expect(page.get_by_role("heading", level=1)).to_contain_text("your second factor")
    assert_accessible(page)
    page.get_by_role("link", name="Set up an authenticator app").click()
    assert_accessible(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    assert_accessible(page)
    secret = page.locator(".code").inner_text()
    page.get_by_label("Authenticator code").fill(code_now(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    assert_accessible(page)
    recovery_code = page.locator("li .code").first.inner_text()
    page.get_by_role("link", name="go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")

    elsewhere = open_page(javascript=False)
    sign_in(elsewhere, officer)
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Second step")
    elsewhere.get_by_label("Code").fill(recovery_code)
    elsewhere.get_by_role("button", name="Sign in").click()
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Your account")


@pytest.mark.parametrize("locale", ["en", "ar"])
@pytest.mark.parametrize(
    "path", ["password/change/", "logout/", "sessions/", "2fa/", "2fa/recovery-codes/generate/"]
)
def test_the_other_pages_of_an_account_are_accessible(open_page, client, live_server, locale, path):
    page = open_page(locale=locale, width=360)
    client.force_login(make_officer())
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page.goto(f"/accounts/{path}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert_accessible(page)


def test_the_api_is_tried_on_its_page_under_the_strict_policy(page):
    agency, secret = make_agency()
    make_crisis(title="Earthquake, Gorkha")
    page.goto("/api/v1/docs/")
    page.locator("button.authorize").first.click()
    page.get_by_label("client_id:").fill(agency.client_id)
    page.get_by_label("client_secret:").fill(secret)
    page.locator(".scopes label").first.click()
    page.locator(".auth-btn-wrapper button.authorize").click()
    page.locator(".auth-btn-wrapper .btn-done").click()
    page.locator("#operations-crises-read_crises .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    answer = page.locator(".live-responses-table").first
    expect(answer).to_contain_text("Earthquake, Gorkha")
