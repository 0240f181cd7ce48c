"""The whole main job in a real browser, with a real worker, mail server and SMS gateway: a
traveller registers, one officer writes, another approves, the traveller answers, the room shows it.
"""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect
from pytest_django import Settings

from crises.models import Answer
from notifications.models import Delivery
from registrations.models import Person
from tests.browser.accessibility import assert_accessible
from tests.browser.test_crisis_room import ALERTS, press, sign_in
from tests.factories.accounts import make_coordinator, make_officer, make_post
from tests.factories.places import make_place
from tests.factories.registrations import today
from tests.processes import process, wait_until
from tests.sinks import Sinks

pytestmark = pytest.mark.django_db(transaction=True)

_WORKER = """
import os
from micic_portal.celery import app
app.worker_main(["worker", "--beat", "--schedule", os.environ["SCHEDULE"], "--concurrency", "2",
                 "--loglevel", "WARNING", "--without-mingle", "--without-gossip",
                 "--without-heartbeat"])
"""


def test_from_registration_to_the_answer(
    open_page, live_server, sinks: Sinks, settings: Settings, tmp_path
):
    cache.clear()
    settings.PORTAL_URL = live_server.url
    make_place(pk=3516355, name="Tapachula", country="MX", latitude=14.9, longitude=-92.26)
    post = make_post(country="MX", jurisdiction=["MX", "GT", "BZ"])
    author = make_officer(post=post)
    variables = {"PORTAL_URL": live_server.url, "SCHEDULE": str(tmp_path / "schedule")}
    with process(_WORKER, sinks, **variables) as worker:
        traveller = open_page(width=390)
        _register(traveller, sinks)
        assert Person.objects.count() == 1

        officer = open_page()
        sign_in(officer, author)
        _write_and_submit(officer)
        expect(officer.get_by_role("button", name=re.compile("^Approve"))).to_have_count(0)

        second = open_page()
        sign_in(second, make_coordinator())
        second.get_by_role("link", name="Storm in Chiapas").first.click()
        assert_accessible(second)
        second.get_by_role("button", name=re.compile("^Approve and send")).click()
        expect(second.get_by_role("heading", name="Live")).to_be_visible()

        wait_until(lambda: bool(_notices(sinks)), 60)
        assert worker.poll() is None
        assert {message["channel"] for message in _notices(sinks)} == {"mail"}
        assert "Lluvias fuertes" in _notices(sinks)[0]["subject"]
        link = re.search(r"https?://\S+/a/\S+", _notices(sinks)[0]["body"])
        assert link is not None

        phone = open_page(locale="es", width=390)
        phone.goto(link[0])
        expect(phone.locator("h1")).to_contain_text("Chiapas")
        assert_accessible(phone)
        assert not Answer.objects.exists(), "opening a link answers nothing"
        phone.locator("button[value=need_help]").click()
        expect(phone.locator("main")).to_be_visible()
        assert_accessible(phone)
        wait_until(lambda: Answer.objects.filter(choice="need_help").exists())
        expect(second.locator(".tile").first).to_contain_text("1", timeout=20_000)
        assert_accessible(second)
    assert Delivery.objects.filter(message__purpose="crisis").count() == 1


def _register(page: Page, sinks: Sinks) -> None:
    page.goto("/")
    page.get_by_role("link", name="Register now").click()
    page.get_by_label("Your full name").fill("Lucía Fuentes")
    page.get_by_role("textbox", name="Email address").fill("lucia@example.org")
    page.get_by_label("Write to me in").select_option("es")
    press(page, "Continue")
    page.get_by_label("Code sent to").fill(_code_from(sinks))
    press(page, "Continue")
    page.get_by_label("Town or city").fill("Tapachula")
    page.get_by_label("First day").fill(today().isoformat())
    page.get_by_label("Last day").fill((today() + dt.timedelta(days=9)).isoformat())
    press(page, "Continue")
    page.get_by_label("Their full name").fill("Elena Fuentes")
    page.get_by_label("Their telephone").fill("+34 600 123 456")
    press(page, "Continue")
    page.get_by_label("Contact me in a crisis where I am").check()
    press(page, "Continue")
    expect(page.get_by_role("main")).to_contain_text("Tapachula")
    press(page, "Send my registration")
    expect(page.get_by_role("heading", name="You are registered")).to_be_visible()


def _code_from(sinks: Sinks) -> str:
    """The code in the message that really arrived."""
    wait_until(lambda: bool(sinks.messages("to=lucia@example.org")), 60)
    code = re.search(r"\b\d{6}\b", sinks.messages("to=lucia@example.org")[0]["body"])
    assert code is not None
    return code[0]


def _write_and_submit(page: Page) -> None:
    page.goto("/crises/open/")
    page.set_input_files("[name=alert_file]", ALERTS / "mexico.xml")
    press(page, "Read the file")
    assert_accessible(page)
    page.locator("[name=title]").fill("Storm in Chiapas")
    page.locator("[name=label]").fill("Chiapas y Oaxaca, México")
    page.locator("[name=confirm_expired]").check()
    press(page, "Open the crisis")
    expect(page.locator(".tile").first).to_contain_text("1")
    press(page, "Write the notice")
    page.locator("[name=urgency]").select_option("Immediate")
    page.locator("[name=severity]").select_option("Severe")
    page.locator("[name=certainty]").select_option("Likely")
    page.locator("[name=es-subject]").fill("Lluvias fuertes")
    page.locator("[name=es-body]").fill("Quédese bajo techo y siga a Protección Civil.")
    page.locator("[name=es-sms]").fill("Quédese bajo techo.")
    press(page, "Save and look at it")
    assert_accessible(page)
    press(page, "Ask for approval")
    expect(page.get_by_text("Waiting for another officer")).to_be_visible()


def _notices(sinks: Sinks) -> list[dict[str, str]]:
    return [message for message in sinks.messages() if "/a/" in message["body"]]
