"""A session ends when nobody uses it, when its eight hours are over, and when its user says so."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import middleware
from accounts.actions import erase_ended_sessions
from accounts.devices import device_name, device_of
from accounts.models import KnownNetwork, RefusedTry, User, UserSession
from audit.models import Entry
from tests.factories.accounts import PASSWORD, code, make_officer

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture(autouse=True)
def _no_limits_left_over():
    cache.clear()


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time = timezone.now()
        monkeypatch.setattr(middleware.timezone, "now", lambda: self.time)

    def goes_on(self, **later: float) -> None:
        self.time += dt.timedelta(**later)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def signed_in(user: User, **more: Any) -> Client:
    client = Client(**more)
    client.force_login(user)
    assert is_in(client)
    return client


def is_in(client: Client, **headers: str) -> bool:
    return client.get(reverse("show_account"), headers=headers).status_code == 200


def test_a_session_left_alone_for_half_an_hour_ends(clock):
    client = signed_in(make_officer())
    clock.goes_on(minutes=29)
    assert is_in(client)
    clock.goes_on(minutes=29)
    assert is_in(client)
    clock.goes_on(minutes=31)
    answer = client.get(reverse("show_account"))
    assert answer.headers["Location"] == "/accounts/login/?next=/accounts/"
    assert "left alone" in client.get(answer.headers["Location"]).content.decode()
    assert not UserSession.objects.exists()


@pytest.mark.parametrize("headers", [{"hx-request": "true"}, {"sec-fetch-mode": "cors"}])
def test_a_watched_page_keeps_a_session_but_not_for_ever(clock, headers):
    client = signed_in(make_officer())
    for _ in range(12):
        clock.goes_on(minutes=10)
        assert is_in(client, **headers)
    clock.goes_on(minutes=1)
    answer = client.get(reverse("show_account"), headers=headers)
    if "hx-request" in headers:
        assert answer.headers["HX-Refresh"] == "true"
        assert answer.content == b""
    else:
        assert answer.status_code == 302
    assert not is_in(client)


def test_no_session_outlives_eight_hours(clock):
    client = signed_in(make_officer())
    for _ in range(23):
        clock.goes_on(minutes=20)
        assert is_in(client)
    clock.goes_on(minutes=21)
    assert not is_in(client)


def test_a_busy_session_writes_once_a_minute(clock):
    client = signed_in(make_officer())
    before = UserSession.objects.get().seen_at
    clock.goes_on(seconds=50)
    is_in(client)
    assert UserSession.objects.get().seen_at == before
    clock.goes_on(seconds=20)
    is_in(client)
    assert UserSession.objects.get().seen_at == clock.time


def test_a_user_reads_where_they_are_signed_in_and_ends_one(clock):
    officer = make_officer()
    here = signed_in(officer, HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="192.0.2.7")
    there = signed_in(officer, HTTP_USER_AGENT=PHONE, REMOTE_ADDR="198.51.100.9")
    signed_in(make_officer(), HTTP_USER_AGENT="somebody else", REMOTE_ADDR="203.0.113.1")
    page = here.get(reverse("list_sessions")).content.decode()
    for shown in ("Firefox on Windows", "Safari on iPhone", "192.0.2.7", "198.51.100.9"):
        assert shown in page
    assert "203.0.113.1" not in page
    assert page.index("Firefox") < page.index("This device") < page.index("Safari")
    other = UserSession.objects.get(device="safari-iphone")
    here.post(reverse("end_session", args=[other.pk]))
    assert not is_in(there)
    assert is_in(here)
    assert Entry.objects.filter(action="user.end_session", actor_id=str(officer.pk)).exists()


def test_nobody_ends_another_s_session():
    mine, other = signed_in(make_officer()), make_officer()
    theirs = signed_in(other)
    session = UserSession.objects.get(user=other)
    assert mine.post(reverse("end_session", args=[session.pk])).status_code == 302
    assert is_in(theirs)
    assert not Entry.objects.filter(action="user.end_session").exists()


def test_ending_all_others_keeps_this_one():
    officer = make_officer()
    here, there = signed_in(officer), signed_in(officer)
    here.post(reverse("revoke_sessions"))
    assert is_in(here)
    assert not is_in(there)
    assert UserSession.objects.count() == 1


@pytest.mark.parametrize(
    ("command", "action"),
    [("end_sessions", "user.revoke_sessions"), ("deactivate_user", "user.deactivate")],
)
def test_an_operator_ends_every_session(command, action):
    officer = make_officer()
    client = signed_in(officer)
    call_command(command, officer.email)
    assert not is_in(client)
    assert not UserSession.objects.exists()
    entry = Entry.objects.get(action=action)
    assert (entry.object_id, entry.actor_id) == (str(officer.pk), command)


def test_a_changed_password_ends_the_others():
    officer = make_officer()
    here, there = signed_in(officer), signed_in(officer)
    new = "a river under seven bridges"
    data = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post(reverse("account_change_password"), data).status_code == 302
    assert is_in(here)
    assert not is_in(there)
    assert UserSession.objects.count() == 1


def test_the_key_changes_at_sign_in_and_signing_out_leaves_no_row(client):
    officer = make_officer()
    client.post("/accounts/login/", {"login": officer.email, "password": PASSWORD})
    before = client.session.session_key
    client.post(reverse("mfa_authenticate"), {"code": code()})
    assert client.session.session_key != before
    assert UserSession.objects.count() == 1
    client.post(reverse("account_logout"))
    assert not UserSession.objects.exists()


def test_the_address_is_sealed():
    signed_in(make_officer(), REMOTE_ADDR="198.51.100.9")
    raw = UserSession.objects.values_list("address", flat=True).get()
    assert b"198.51.100.9" not in bytes(getattr(raw, "raw", b""))
    assert UserSession.objects.get().address == "198.51.100.9"


def test_what_is_over_is_erased():
    officer, old = make_officer(), timezone.now() - dt.timedelta(days=91)
    digest = b"0" * 32
    UserSession.objects.create(user=officer, device="other-other", address="", began_at=old)
    RefusedTry.objects.create(account=digest, place=digest, at=old)
    KnownNetwork.objects.create(user=officer, place=digest, used_at=old)
    RefusedTry.objects.create(account=digest, place=digest)
    assert erase_ended_sessions() == 3
    assert RefusedTry.objects.count() == 1


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox on Windows"),
        (PHONE, "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Linux"),
        ("curl/8.0", "A device we do not know"),
        ("", "A device we do not know"),
    ],
)
def test_a_device_is_named_in_plain_words(agent, name):
    assert device_name(device_of(agent)) == name
