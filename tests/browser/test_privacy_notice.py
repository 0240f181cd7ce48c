"""The privacy notice in a real browser: readable by everybody, in both directions of writing."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_the_notice_can_be_read_by_everybody(open_page, locale):
    page = open_page(locale=locale)
    page.goto("/privacy/")
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if locale == "ar" else "ltr")
    assert_accessible(page)
    page.locator("#registered summary").click()
    assert_accessible(page)


def test_it_opens_without_a_script_and_by_keyboard(open_page):
    page = open_page(javascript=False)
    page.goto("/privacy/")
    page.locator("#registered summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#registered")).to_have_attribute("open", "")
    expect(page.locator("#registered").get_by_text("document number").first).to_be_visible()
