"""The base page, sign-in and the error pages as people meet them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible


@pytest.mark.parametrize("locale", ["en", "es", "fr", "ar"])
def test_a_missing_page_says_so_in_each_language(open_page, locale):
    page = open_page(locale=locale, width=360)
    page.goto("/no/such/page/")
    expect(page.locator("html")).to_have_attribute("lang", locale)
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if locale == "ar" else "ltr")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert_accessible(page)


def test_the_sign_in_page_sums_up_its_errors_and_links_to_the_field(page):
    page.goto("/accounts/login/")
    assert_accessible(page)
    page.get_by_role("button", name="Sign in").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    assert page.title().startswith("Error:")
    summary.get_by_role("link").first.click()
    expect(page.get_by_label("Mail address")).to_be_focused()
    assert_accessible(page)


def test_the_skip_link_comes_first(page):
    page.goto("/accounts/login/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_language_changes_without_javascript(open_page):
    page = open_page(javascript=False)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert page.url.endswith("/accounts/login/")


def test_a_second_click_does_not_send_twice(page):
    page.goto("/accounts/login/")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.evaluate(
        """() => {
            const form = document.querySelector("main form");
            form.requestSubmit();
            form.requestSubmit();
        }"""
    )
    page.get_by_role("alert").wait_for()
    assert sent.count("POST") == 1
