"""A traveller registers in a real browser, with a map and suggestions or with HTML alone."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from registrations.codes import code_of
from registrations.models import Challenge, Person
from tests.browser.accessibility import assert_accessible
from tests.factories.registrations import make_places, today

FIRST, LAST = today(), today() + dt.timedelta(days=9)


@pytest.fixture(autouse=True)
def _world(transactional_db):
    cache.clear()
    make_places()


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def say_who(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Register now").click()
    page.get_by_label("Your full name").fill("Ana Pérez")
    page.get_by_role("textbox", name="Email address").fill("ana@example.org")
    press(page, "Continue")
    page.get_by_label("Code sent to").fill(code_of(Challenge.objects.latest("created_at").pk))
    press(page, "Continue")


def say_when(page: Page) -> None:
    page.get_by_label("First day").fill(FIRST.isoformat())
    page.get_by_label("Last day").fill(LAST.isoformat())


def finish(page: Page) -> None:
    press(page, "Continue")  # Nobody at home is named.
    page.get_by_label("Contact me in a crisis where I am").check()
    press(page, "Continue")
    press(page, "Send my registration")
    expect(page.get_by_role("heading", name="You are registered")).to_be_visible()


def test_every_step_is_accessible(open_page):
    page = open_page(width=360)
    page.goto("/")
    assert_accessible(page)
    page.get_by_role("link", name="Register now").click()
    assert_accessible(page)
    press(page, "Continue")
    expect(page.get_by_role("alert")).to_be_focused()
    assert_accessible(page)
    say_who(page)
    assert_accessible(page)
    page.get_by_label("Town or city").press_sequentially("kathm", delay=20)
    suggestion = page.get_by_role("option", name="Kathmandu")
    expect(suggestion).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Town or city")).to_have_value("Kathmandu, Nepal")
    say_when(page)
    press(page, "Save and add another stay")
    expect(page.get_by_role("main").get_by_role("listitem")).to_contain_text("Kathmandu, Nepal")
    assert_accessible(page)
    page.get_by_role("link", name="That is all, continue").click()
    assert_accessible(page)
    press(page, "Continue")
    assert_accessible(page)
    page.get_by_label("Contact me in a crisis where I am").check()
    press(page, "Continue")
    assert_accessible(page)
    press(page, "Send my registration")
    assert_accessible(page)
    page.get_by_role("link", name="See my registration").click()
    assert_accessible(page)
    page.get_by_role("link", name="Erase my registration").click()
    assert_accessible(page)


def test_a_pin_on_the_map_fills_the_coordinates(page):
    say_who(page)
    page.get_by_text("Mark the spot on a map").click()
    chart = page.locator(".map")
    chart.scroll_into_view_if_needed()
    expect(chart).to_have_attribute("data-ready", "true")
    chart.click(position={"x": 200, "y": 100})
    expect(page.get_by_label("Latitude")).not_to_have_value("")
    page.get_by_label("Latitude").fill("27.98")
    page.get_by_label("Longitude").fill("86.92")
    expect(page.locator(".map-pin")).to_be_visible()
    assert_accessible(page)
    say_when(page)
    press(page, "Continue")
    finish(page)
    stay = Person.objects.get().stays.get()
    assert stay.precision == "pin"
    assert stay.country in {"NP", "CN"}


def test_it_works_without_javascript(open_page):
    page = open_page(javascript=False)
    say_who(page)
    page.get_by_label("Town or city").fill("paris")
    say_when(page)
    press(page, "Continue")
    # Two towns bear the name: each is offered, nothing typed is lost.
    page.get_by_role("radio", name="Paris").first.check()
    press(page, "Continue")
    finish(page)
    assert Person.objects.get().stays.get().starts_on == FIRST


def test_typing_stays_when_a_step_is_refused(page):
    say_who(page)
    page.get_by_text("More that can help").click()
    page.get_by_label("Address or name of the lodging").fill("Casa Blanca, 3")
    press(page, "Continue")
    expect(page.get_by_role("alert")).to_contain_text("Write the first day.")
    expect(page.get_by_label("Address or name of the lodging")).to_have_value("Casa Blanca, 3")
