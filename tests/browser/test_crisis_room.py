"""The crisis room in a real browser, page by page; an answer reaches it within seconds."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.accessibility import assert_accessible
from tests.factories.accounts import PASSWORD, code, make_officer
from tests.factories.crises import (
    make_crisis,
    make_frozen,
    make_notice,
    make_people,
    make_submitted,
    second_officer,
    token_of,
)
from tests.factories.registrations import make_places

ALERTS = Path(__file__).parent.parent / "data/alerts"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _world():
    make_places()


def sign_in(page: Page, officer: User) -> None:
    page.goto("/accounts/login/?next=/crises/")
    page.get_by_label("Mail address").fill(officer.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code").fill(code())
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Crises")


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def test_opening_a_crisis_in_words(open_page):
    people = make_people(3)
    page = open_page()
    sign_in(page, make_officer())
    assert_accessible(page)
    page.get_by_role("link", name="Open a crisis").click()
    assert_accessible(page)
    press(page, "Open the crisis")
    expect(page.get_by_role("alert")).to_be_focused()
    assert_accessible(page)
    page.get_by_label("What happened, and where").fill("Flood around Kathmandu")
    page.get_by_label("Place", exact=True).press_sequentially("kathm", delay=20)
    page.get_by_role("option", name="Kathmandu").click()
    press(page, "Open the crisis")
    expect(page.get_by_role("heading", level=1)).to_have_text("Flood around Kathmandu")
    expect(page.locator(".map")).to_have_attribute("data-ready", "true")
    expect(page.locator(".tile").first).to_contain_text(str(len(people)))
    assert_accessible(page)
    press(page, "Write the notice")
    expect(page.get_by_role("heading", name="The message")).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_the_approver_sees_all_that_will_happen(open_page, locale):
    make_people(2)
    notice = make_submitted()
    page = open_page(width=390, locale=locale)
    page.goto("/accounts/login/")
    page.locator("#id_login").fill(second_officer(notice).email)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main form button").last.click()
    page.locator("#id_code").fill(code())
    page.locator("main form button").first.click()
    expect(page.locator("#id_code")).to_have_count(0)
    page.goto(f"/notices/{notice.pk}/")
    expect(page.locator(".phone").first).to_be_visible()
    assert_accessible(page)


def test_a_draft_can_be_read_over_by_its_author(open_page):
    make_people(1)
    notice = make_notice()
    page = open_page()
    sign_in(page, notice.author)
    page.goto(f"/notices/{notice.pk}/")
    expect(page.get_by_role("button", name="Ask for approval")).to_be_visible()
    assert_accessible(page)
    page.goto(f"/notices/{notice.pk}/write/")
    assert_accessible(page)


def test_an_answer_reaches_the_live_page(open_page):
    people = make_people(2)
    notice = make_frozen(make_crisis())
    officer = open_page()
    sign_in(officer, notice.author)
    officer.goto(f"/notices/{notice.pk}/live/")
    need_help = officer.locator(".tile--danger .tile__number")
    expect(need_help).to_have_text("0")
    officer.get_by_role("button", name="Pause").focus()
    assert_accessible(officer)

    phone = open_page(width=360, javascript=False)
    phone.goto(f"/a/{token_of(notice, people[0])}/")
    assert_accessible(open_same(open_page, phone))
    phone.locator(".answer--help").click()  # In the person's own language, whichever it is.
    expect(phone.locator(".panel--done")).to_be_visible()
    assert_accessible(open_same(open_page, phone))

    expect(need_help).to_have_text("1", timeout=8_000)
    expect(officer.get_by_role("button", name="Pause")).to_be_focused()
    expect(officer.locator("[data-live-say]")).to_contain_text("Need help: 1")
    assert_accessible(officer)


def open_same(open_page, page: Page) -> Page:
    """The same page where scripts run, because axe is one."""
    other = open_page(width=360)
    other.goto(page.url)
    return other


def test_the_live_page_says_when_the_line_is_lost(open_page):
    make_people(1)
    notice = make_frozen(make_crisis())
    page = open_page(may_log="htmx:")
    sign_in(page, notice.author)
    page.goto(f"/notices/{notice.pk}/live/")
    lost = page.get_by_text("The connection is lost.")
    expect(lost).to_be_hidden()
    page.route("**/figures/", lambda route: route.abort())
    expect(lost).to_be_visible(timeout=8_000)
    page.unroute("**/figures/")
    expect(lost).to_be_hidden(timeout=8_000)


def test_the_answer_page_is_small(open_page):
    people = make_people(1)
    notice = make_frozen(make_crisis())
    page = open_page(width=360)
    sizes = []

    def weigh(response) -> None:
        sizes.append(len(gzip.compress(response.body())))

    page.on("response", weigh)
    page.goto(f"/a/{token_of(notice, people[0])}/", wait_until="networkidle")
    assert 0 < sum(sizes) < 15_000
