"""Officers sign in and out; nobody signs up; guesses run into a limit."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account import adapter
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.views.generic import View

from accounts import mailing
from accounts.access import (
    CoordinatorRequiredMixin,
    LedgerReaderRequiredMixin,
    OfficerRequiredMixin,
    OperatorRequiredMixin,
    SignedInRequiredMixin,
)
from accounts.actions import deactivate_user, revoke_sessions
from accounts.enums import Role
from accounts.models import User
from audit.actors import Actor
from audit.models import Entry
from tests.factories.accounts import PASSWORD, code, make_officer, make_user
from tests.processes import wait_until

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _no_limits_left_over():
    cache.clear()


def sign_in(client: Client, user: User, password: str = PASSWORD, *, later: int = 0):
    """The answer to the last step that was reached. Each code serves once: `later` is the next."""
    response = client.post(LOGIN, {"login": user.email, "password": password})
    if response.status_code == 302 and response["Location"] == reverse("mfa_authenticate"):
        return client.post(response["Location"], {"code": code(later=later)})
    return response


def actions_in_ledger() -> list[str]:
    return list(Entry.objects.order_by("at").values_list("action", flat=True))


def is_signed_in(client: Client) -> bool:
    return client.get(reverse("show_account")).status_code == 200


def test_an_officer_signs_in_and_out_and_both_stand_in_the_ledger(client):
    officer = make_officer()
    assert sign_in(client, officer).status_code == 302
    assert is_signed_in(client)
    assert client.get("/accounts/logout/").status_code == 200
    assert is_signed_in(client)  # Looking at the page signs nobody out.
    client.post("/accounts/logout/")
    assert not is_signed_in(client)
    assert actions_in_ledger() == ["user.sign_in", "user.sign_out"]
    assert Entry.objects.filter(actor_id=str(officer.pk)).count() == 2


def test_the_address_may_be_typed_in_capitals(client):
    officer = make_officer(email="ana@mfa.example")
    client.post(LOGIN, {"login": "Ana@MFA.example", "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": code()})
    assert is_signed_in(client)
    assert officer.email == "ana@mfa.example"


def test_a_session_ends_with_the_browser_and_after_eight_hours(client):
    sign_in(client, make_officer())
    assert client.session.get_expire_at_browser_close()
    assert client.session.get_expiry_age() == 8 * 3600
    assert client.cookies["sessionid"]["httponly"]


def test_a_wrong_password_is_refused_without_saying_whose_address_it_is(client):
    officer = make_officer()
    known = sign_in(client, officer, "wrong")
    unknown = client.post(LOGIN, {"login": "nobody@mfa.example", "password": "wrong"})
    assert known.status_code == unknown.status_code == 200
    assert known.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()
    assert b'value="wrong"' not in known.content
    entries = Entry.objects.filter(action="user.refuse_sign_in")
    assert sorted(entries.values_list("object_id", flat=True)) == sorted(["", str(officer.pk)])
    assert "nobody" not in str(list(entries.values()))


def test_many_tries_from_one_address_are_turned_away(client):
    statuses = [
        client.post(LOGIN, {"login": f"n{n}@mfa.example", "password": "wrong"}).status_code
        for n in range(31)
    ]
    assert statuses[-1] == 429


def test_a_deactivated_user_cannot_sign_in_and_the_open_session_ends(client):
    officer = make_officer()
    sign_in(client, officer)
    deactivate_user(user=officer, by=Actor.system("test"))
    assert not is_signed_in(client)
    assert sign_in(client, officer).url == reverse("account_inactive")
    assert client.get(reverse("account_inactive")).status_code == 200
    assert not is_signed_in(client)


def test_sessions_are_revoked_everywhere(client):
    officer = make_officer()
    sign_in(client, officer)
    revoke_sessions(user=officer, by=officer)
    assert not is_signed_in(client)


def test_an_officer_ends_the_other_sessions_and_keeps_this_one(client):
    officer, elsewhere = make_officer(), Client()
    sign_in(client, officer)
    sign_in(elsewhere, officer, later=1)
    client.post(reverse("revoke_sessions"))
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)
    assert "user.revoke_sessions" in actions_in_ledger()


@pytest.mark.parametrize(
    "path",
    ["signup/", "email/", "confirm-email/", "password/set/", "login/code/", "social/login/"],
)
def test_nobody_signs_up_or_manages_addresses(client, path):
    assert client.get(f"/accounts/{path}").status_code == 404
    assert client.post(f"/accounts/{path}", {"email": "x@y.example"}).status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")


ROLES = {
    OfficerRequiredMixin: {Role.OFFICER, Role.COORDINATOR},
    CoordinatorRequiredMixin: {Role.COORDINATOR},
    LedgerReaderRequiredMixin: {Role.DATA_PROTECTION_OFFICER, Role.AUDITOR},
    OperatorRequiredMixin: {Role.OPERATOR},
    SignedInRequiredMixin: set(Role),
}


@pytest.mark.parametrize("mixin", ROLES)
@pytest.mark.parametrize("role", list(Role))
def test_a_page_opens_for_its_roles_only(mixin, role, rf: RequestFactory):
    class ShowView(mixin, View):
        def get(self, request):
            return HttpResponse()

    request = rf.get("/page/")
    request.user = make_user(role)
    if role in ROLES[mixin]:
        assert ShowView.as_view()(request).status_code == 200
    else:
        with pytest.raises(PermissionDenied):
            ShowView.as_view()(request)
    request.user = AnonymousUser()
    assert ShowView.as_view()(request).headers["Location"] == f"{LOGIN}?next=/page/"


@pytest.mark.parametrize(
    ("role", "page"),
    [
        (Role.AUDITOR, "show_oversight"),
        (Role.DATA_PROTECTION_OFFICER, "show_oversight"),
        (Role.OPERATOR, "show_sending"),
    ],
)
def test_who_may_not_see_crises_lands_on_what_they_may(client, role, page):
    assert sign_in(client, make_user(role)).url == reverse(page)


@pytest.mark.parametrize("language", ["en", "es", "ar"])
@pytest.mark.parametrize("name", ["account_login", "account_reset_password"])
def test_the_pages_before_signing_in_are_drawn(client, name, language):
    response = client.get(reverse(name), headers={"accept-language": language})
    assert response.status_code == 200
    assert "<style" not in response.content.decode()


def test_a_password_is_changed_and_the_other_session_ends(client):
    officer, elsewhere = make_officer(), Client()
    sign_in(client, officer)
    sign_in(elsewhere, officer, later=1)
    url = reverse("account_change_password")
    assert client.get(url).status_code == 200
    new = "a river under seven bridges"
    client.post(url, {"oldpassword": PASSWORD, "password1": new, "password2": new})
    officer.refresh_from_db()
    assert officer.check_password(new)
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)
    assert "user.change_password" in actions_in_ledger()


def test_a_forgotten_password_is_replaced_by_a_code(client):
    officer = make_officer()
    response = client.post(reverse("account_reset_password"), {"email": officer.email})
    assert response.url == reverse("account_confirm_password_reset_code")
    assert client.get(response.url).status_code == 200
    wait_until(lambda: bool(mail.outbox), 10)
    typed = re.search(r"^[A-Z0-9]{4,}(-[A-Z0-9]+)*$", str(mail.outbox[0].body), re.MULTILINE)
    assert typed is not None
    response = client.post(response.url, {"code": typed.group()})
    assert response.url == reverse("account_complete_password_reset")
    assert client.get(response.url).status_code == 200
    new = "a river under seven bridges"
    response = client.post(response.url, {"password1": new, "password2": new})
    assert response.url == reverse("account_password_reset_completed")
    assert client.get(response.url).status_code == 200
    officer.refresh_from_db()
    assert officer.check_password(new)
    assert not is_signed_in(client)


def test_no_mail_goes_to_an_address_that_is_nobodys_and_the_page_is_the_same(client):
    response = client.post(reverse("account_reset_password"), {"email": "nobody@mfa.example"})
    assert response.url == reverse("account_confirm_password_reset_code")
    assert mail.outbox == []


def test_a_mail_server_that_is_down_shows_no_error_page(client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    response = client.post(reverse("account_reset_password"), {"email": make_officer().email})
    assert response.status_code == 302


def test_a_forgotten_password_costs_the_same_work_for_everybody_s_address(
    monkeypatch: pytest.MonkeyPatch,
):
    """Statements, texts rendered and what is handed to the threads; only the sending differs."""
    officer, seen = make_officer(email="ana@mfa.example"), []
    handed: list[bool] = []
    monkeypatch.setattr(mailing, "send_soon", lambda message, *, really: handed.append(really))
    rendered: list[str] = []

    def render(name: str, *args: Any) -> str:
        rendered.append(name)
        return render_to_string(name, *args)

    monkeypatch.setattr(adapter, "render_to_string", render)
    for address in (officer.email, "nil@mfa.example"):
        rendered.clear()
        visitor = Client()
        with CaptureQueriesContext(connection) as work:
            visitor.post(reverse("account_reset_password"), {"email": address})
        statements = [re.sub(r"\d+", "?", query["sql"].split(" WHERE")[0][:60]) for query in work]
        seen.append((statements, list(rendered)))
    assert seen[0] == seen[1]
    assert seen[0][1]
    assert handed == [True, False]
