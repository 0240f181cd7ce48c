"""A passkey, with Chromium's own virtual key: added, named, used to sign in, removed."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible
from tests.factories.accounts import PASSWORD, make_officer


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


def with_key(page: Page) -> Page:
    """Plug in a key that answers to every touch."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasResidentKey": False,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def type_password(page: Page, email: str) -> None:
    page.goto("/accounts/login/?next=/accounts/")
    page.get_by_label("Mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_passkey_is_a_second_factor_by_itself(open_page):
    page, officer = with_key(open_page()), make_officer(second_factor=False)
    type_password(page, officer.email)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name of the passkey").fill("Blue key")
    assert_accessible(page)
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    page.get_by_role("link", name="go on").click()

    page.get_by_role("button", name="Sign out").click()
    type_password(page, officer.email)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step")
    assert_accessible(page)
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")

    page.goto("/accounts/2fa/passkeys/reauthenticate/?next=/accounts/2fa/passkeys/")
    assert_accessible(page)
    page.get_by_role("button", name="Use the passkey").click()
    expect(page.get_by_role("heading", name="Blue key")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Rename").click()
    page.get_by_label("Name of the passkey").fill("Red key")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove").click()
    expect(page.get_by_role("main")).to_contain_text("Red key")
    page.get_by_role("main").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("your second factor")


def test_a_key_that_does_not_answer_is_said_in_words(open_page):
    page, officer = open_page(), make_officer(second_factor=False)
    page.add_init_script("navigator.credentials.create = () => Promise.reject(new Error('no'))")
    type_password(page, officer.email)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("did not answer")
