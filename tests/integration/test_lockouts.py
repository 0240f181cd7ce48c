"""Guessing ends soon, and locks out neither an embassy nor an officer where they always sit."""

from __future__ import annotations

import datetime as dt
import logging

import pytest
from axes.models import AccessAttempt, AccessLog
from django.core.cache import cache, caches
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import lockouts
from accounts.models import KnownNetwork, RefusedTry
from audit.models import Entry
from tests.factories.accounts import PASSWORD, code, make_officer

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _no_limits_left_over():
    cache.clear()


def try_password(email: str, password: str = "wrong", *, address: str = "192.0.2.7"):
    cache.clear()  # What is tested are the lockouts, not the limits of each address.
    client = Client(REMOTE_ADDR=address)
    return client.post(LOGIN, {"login": email, "password": password})


def lock_outs() -> list[Entry]:
    return list(Entry.objects.filter(action="user.lock_out"))


def text_of(response) -> str:
    """The page without its token and its minutes."""
    return response.content.decode().split("<h1>")[1].split("</main>")[0]


def test_five_wrong_passwords_lock_the_account_for_that_network_alone():
    officer, colleague = make_officer(), make_officer()
    answers = [try_password(officer.email).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    # From another house of the same network, with the right password too.
    right = try_password(officer.email, PASSWORD, address="192.0.2.99")
    assert right.status_code == 429
    assert int(right.headers["Retry-After"]) <= 1801
    assert text_of(right) == text_of(try_password(officer.email))
    # The embassy goes on, and so does the officer elsewhere.
    assert try_password(colleague.email, PASSWORD).status_code == 302
    assert try_password(officer.email, PASSWORD, address="198.51.100.7").status_code == 302
    (entry,) = lock_outs()
    assert entry.object_id == str(officer.pk)


def test_the_present_password_is_not_guessed_where_a_new_one_is_set():
    """On a desk that was left open, as on the sign-in page."""
    officer, client = make_officer(), Client(REMOTE_ADDR="192.0.2.7")
    client.force_login(officer)
    new = "a-new-lantern-harbour"

    def change(password: str) -> int:
        cache.clear()  # The limit of each user is in the cache, and goes with Redis.
        given = {"oldpassword": password, "password1": new, "password2": new}
        return client.post(reverse("account_change_password"), given).status_code

    assert [change("wrong") for _ in range(5)] == [200, 200, 200, 200, 429]
    assert change(PASSWORD) == 429
    officer.refresh_from_db()
    assert officer.check_password(PASSWORD)
    lockouts.forget(officer.email)
    assert change(PASSWORD) == 302
    officer.refresh_from_db()
    assert officer.check_password(new)


def test_an_address_that_is_nobody_s_locks_alike_and_is_kept_nowhere(caplog):
    officer = make_officer()
    with caplog.at_level(logging.DEBUG):
        for _ in range(4):
            try_password("nobody@mfa.example")
            try_password(officer.email)
        unknown, known = try_password("nobody@mfa.example"), try_password(officer.email)
    assert unknown.status_code == known.status_code == 429
    assert text_of(unknown) == text_of(known)
    entries = lock_outs()
    assert sorted(entry.object_id for entry in entries) == sorted(["", str(officer.pk)])
    kept = str(list(Entry.objects.values())) + str(list(RefusedTry.objects.values()))
    assert "nobody" not in kept
    assert "nobody" not in caplog.text
    assert officer.email not in caplog.text
    assert not AccessAttempt.objects.exists()
    assert not AccessLog.objects.exists()


def test_the_lock_ends_by_itself_and_trying_meanwhile_does_not_lengthen_it(monkeypatch):
    officer = make_officer()
    for _ in range(8):
        try_password(officer.email)
    assert RefusedTry.objects.count() == 5
    later = timezone.now() + lockouts.COOL_OFF
    monkeypatch.setattr(lockouts.timezone, "now", lambda: later)
    assert try_password(officer.email, PASSWORD).status_code == 302
    assert try_password(officer.email).status_code == 200


def test_twenty_from_everywhere_lock_it_but_not_where_its_user_always_signs_in():
    officer = make_officer()
    home = "203.0.113.5"
    lockouts.welcome(user=officer, address=home)
    for network in range(4):
        for _ in range(5):
            try_password(officer.email, address=f"198.51.{network}.1")
    assert try_password(officer.email, PASSWORD, address="192.0.2.1").status_code == 429
    assert try_password(officer.email, PASSWORD, address=home).status_code == 302
    KnownNetwork.objects.update(used_at=timezone.now() - dt.timedelta(days=91))
    assert try_password(officer.email, PASSWORD, address=home).status_code == 429


def test_wrong_codes_count_like_wrong_passwords():
    officer, client = make_officer(), Client()
    client.post(LOGIN, {"login": officer.email, "password": PASSWORD})
    wrong = f"{(int(code()) + 1) % 1_000_000:06d}"
    for _ in range(5):
        cache.clear()
        answer = client.post(reverse("mfa_authenticate"), {"code": wrong})
    assert answer.status_code == 429
    assert client.post(reverse("mfa_authenticate"), {"code": code()}).status_code == 429
    assert len(lock_outs()) == 1


def test_signing_in_forgets_what_was_mistyped(client):
    officer = make_officer()
    for _ in range(4):
        client.post(LOGIN, {"login": officer.email, "password": "mistyped"})
    client.post(LOGIN, {"login": officer.email, "password": PASSWORD})
    assert RefusedTry.objects.count() == 4  # The right password alone is not signing in.
    client.post(reverse("mfa_authenticate"), {"code": code()})
    assert not RefusedTry.objects.exists()
    assert KnownNetwork.objects.filter(user=officer).count() == 1


def test_a_right_password_does_not_count(client):
    officer = make_officer()
    for _ in range(8):
        cache.clear()
        assert client.post(LOGIN, {"login": officer.email, "password": PASSWORD}).status_code == 302


def test_an_operator_unlocks(capsys):
    officer = make_officer()
    for _ in range(5):
        try_password(officer.email)
    call_command("unlock_user", officer.email)
    assert "5 refused tries" in capsys.readouterr().out
    assert try_password(officer.email, PASSWORD).status_code == 302
    assert Entry.objects.filter(action="user.unlock", object_id=str(officer.pk)).exists()


def test_without_redis_guessing_is_stopped_and_officers_sign_in(settings):
    settings.CACHES = {
        name: {**given, "LOCATION": "redis://127.0.0.1:9/0"}
        for name, given in settings.CACHES.items()
    }
    officer, guessed = make_officer(), make_officer()
    client = Client()
    assert client.post(LOGIN, {"login": officer.email, "password": PASSWORD}).status_code == 302
    assert client.post(reverse("mfa_authenticate"), {"code": code()}).status_code == 302
    for _ in range(5):
        answer = Client().post(LOGIN, {"login": guessed.email, "password": "wrong"})
    assert answer.status_code == 429
    for name in settings.CACHES:
        caches[name].close()


def test_a_proxy_that_is_not_trusted_names_nobody_s_address(settings):
    officer = make_officer()
    for n in range(5):
        cache.clear()
        headers = {"x-forwarded-for": f"10.{n}.0.1"}
        data = {"login": officer.email, "password": "wrong"}
        answer = Client().post(LOGIN, data, headers=headers)
    assert answer.status_code == 429
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    elsewhere = {"x-forwarded-for": "10.77.0.1"}
    data = {"login": officer.email, "password": PASSWORD}
    assert Client().post(LOGIN, data, headers=elsewhere).status_code == 302
