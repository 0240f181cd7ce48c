"""A traveller registers in a real browser: with and without JavaScript, on a small phone."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from registrations.codes import code_of
from registrations.models import Challenge, Person
from tests.browser.accessibility import assert_accessible
from tests.factories.registrations import KATHMANDU, make_places, today

pytestmark = pytest.mark.django_db(transaction=True)

# Where to leave pictures of every page, when somebody wants to look at them.
PICTURES = os.environ.get("PICTURES_DIR", "")


@pytest.fixture(autouse=True)
def world():
    cache.clear()
    make_places()


def look(page: Page, name: str, *, check: bool = False) -> None:
    """Take the page's picture; hold it to the rules where test_registering.py does not pass."""
    if check:
        assert_accessible(page)
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def go_on(page: Page, name: str = "Continue") -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def fill_days(page: Page) -> None:
    page.get_by_label("First day").fill(today().isoformat())
    page.get_by_label("Last day").fill((today() + dt.timedelta(days=12)).isoformat())


def newest_code() -> str:
    return code_of(Challenge.objects.latest("created_at").pk)


def prove(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Register now").click()
    page.get_by_label("Your full name").fill("Ana Pérez")
    page.get_by_role("textbox", name="Email address").fill("ana@example.org")
    go_on(page)
    page.get_by_label("Code sent to ana@example.org").fill(newest_code())
    go_on(page)


def test_with_javascript_on_a_small_phone(open_page):
    page = open_page(width=360)
    page.goto("/")
    look(page, "1-start")
    page.get_by_role("link", name="Register now").click()
    look(page, "2-who")
    go_on(page)
    expect(page.get_by_role("alert")).to_be_focused()
    look(page, "2-who-wrong")
    page.get_by_label("Your full name").fill("Ana Pérez")
    page.get_by_role("textbox", name="Email address").fill("ana@example.org")
    page.get_by_role("textbox", name="Mobile number").fill("+34 600 123 456")
    go_on(page)

    look(page, "3-code", check=True)
    page.get_by_label("Code sent to ana@example.org").fill("000 000")
    go_on(page)
    expect(page.get_by_text("This code is not right.").first).to_be_visible()
    look(page, "3-code-wrong", check=True)
    code = code_of(Challenge.objects.get(channel="mail").pk)
    page.get_by_label("Code sent to ana@example.org").fill(code)
    go_on(page)

    look(page, "4-where")
    page.get_by_label("Town or city").press_sequentially("kathm", delay=20)
    page.get_by_role("option", name="Kathmandu, Nepal").click()
    expect(page.locator("#id_place_id")).to_have_value(str(KATHMANDU))
    fill_days(page)
    go_on(page, "Save and add another stay")
    expect(page.get_by_text("Kathmandu, Nepal").first).to_be_visible()
    page.get_by_label("I live there").check()
    page.get_by_text("Mark the spot on a map, or type coordinates").click()
    pin_map = page.locator(".map[data-ready=true]")
    expect(pin_map).to_be_visible()
    pin_map.focus()
    pin_map.press("Enter")
    expect(page.get_by_label("Latitude")).not_to_have_value("")
    look(page, "4-where-pin")
    go_on(page)

    look(page, "5-family")
    page.get_by_label("Their full name").fill("Luz Pérez")
    go_on(page)
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("Their telephone").fill("+34 911 234 567")
    go_on(page)

    look(page, "6-consents")
    page.get_by_label("Contact me in a crisis where I am").check()
    go_on(page)

    look(page, "7-check", check=True)
    go_on(page, "Send my registration")
    expect(page.get_by_role("heading", name="You are registered")).to_be_visible()
    person = Person.objects.get()
    expect(page.get_by_text(person.reference)).to_be_visible()
    assert person.stays.count() == 2
    look(page, "8-done")
    page.get_by_role("link", name="See my registration").click()
    look(page, "9-mine")
    page.get_by_role("link", name="Erase my registration").click()
    look(page, "9-mine-erase")
    go_on(page, "Yes, erase it")
    expect(page.get_by_text("Your registration is erased.")).to_be_visible()
    assert not Person.objects.exists()


def test_without_javascript(open_page):
    page = open_page(width=360, javascript=False)
    prove(page)
    page.get_by_label("Town or city").fill("Paris")
    fill_days(page)
    go_on(page)
    expect(page.get_by_text("Several places bear this name. Choose one.").first).to_be_visible()
    look(page, "no-javascript-1-which")
    page.get_by_label("Paris, United States").check()
    go_on(page)
    go_on(page)  # Nobody to call at home.
    page.get_by_label("Contact me in a crisis where I am").check()
    go_on(page)
    expect(page.get_by_text("Paris, United States").first).to_be_visible()
    look(page, "no-javascript-2-check")
    page.get_by_role("link", name="Change Name").click()
    page.get_by_label("Your full name").fill("Ana P. Pérez")
    go_on(page)
    go_on(page, "Send my registration")
    expect(page.get_by_role("heading", name="You are registered")).to_be_visible()
    person = Person.objects.get()
    assert (person.name, person.stays.get().country) == ("Ana P. Pérez", "US")


def test_errors_are_linked_to_their_fields(open_page):
    page = open_page(width=360)
    prove(page)
    page.get_by_label("Town or city").fill("Xyzzyville")
    page.get_by_label("First day").fill(today().isoformat())
    page.get_by_label("Last day").fill((today() - dt.timedelta(days=1)).isoformat())
    go_on(page)
    look(page, "4-where-wrong", check=True)
    page.get_by_role("link", name="The last day is before the first day.").click()
    expect(page.get_by_label("Last day")).to_be_focused()
    expect(page.get_by_label("Town or city")).to_have_value("Xyzzyville")


def test_right_to_left(open_page):
    page = open_page(locale="ar", width=360)
    for path in ("/", "/register/who/"):
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        look(page, f"arabic-{path.strip('/').replace('/', '-') or 'start'}", check=True)
