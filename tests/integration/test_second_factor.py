"""Nobody works with a password alone; codes serve once; their secrets are sealed."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actions import change_password, deactivate_user, revoke_sessions
from accounts.enums import Role
from accounts.models import User, UserSession
from accounts.second_factor import code_now, open_secret, reseal_second_factors
from audit.actors import Actor
from audit.models import Entry
from privacy.keyring import key_ring
from tests.factories.accounts import PASSWORD, SECRET, code, make_officer, make_user

pytestmark = pytest.mark.django_db
CHOOSE = "/accounts/2fa/choose/"


@pytest.fixture(autouse=True)
def _no_limits_left_over():
    cache.clear()


def type_password(client: Client, user: User, **more: str):
    return client.post(
        f"/accounts/login/?{'&'.join(f'{k}={v}' for k, v in more.items())}",
        {"login": user.email, "password": PASSWORD},
    )


def actions_in_ledger() -> list[str]:
    return list(Entry.objects.order_by("at").values_list("action", flat=True))


@pytest.mark.parametrize("role", list(Role))
def test_a_user_without_a_second_factor_sees_only_where_to_set_one_up(client, role):
    client.force_login(make_user(role, second_factor=False))
    for path in ("/crises/", "/accounts/", "/accounts/sessions/", "/accounts/2fa/", "/"):
        assert client.get(path).headers["Location"] == CHOOSE, path
    assert client.post(reverse("revoke_sessions")).headers["Location"] == CHOOSE
    assert client.get(CHOOSE).status_code == 200
    assert client.get("/health/").status_code == 200
    assert client.post("/language/setlang/", {"language": "es"}).status_code == 302
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 200


def test_recovery_codes_alone_are_no_second_factor(client):
    officer = make_officer(second_factor=False)
    Authenticator.objects.create(user_id=officer.pk, type="recovery_codes", data={"seed": "x"})
    client.force_login(officer)
    assert client.get("/crises/").headers["Location"] == CHOOSE


def test_agencies_and_travellers_are_not_asked(client):
    assert client.get("/").status_code == 200
    assert client.get("/api/v1/crises/").status_code == 401


def test_the_app_is_set_up_then_codes_are_shown_and_then_the_page_that_was_wanted(client):
    officer = make_officer(second_factor=False)
    assert type_password(client, officer).status_code == 302
    client.get(reverse("list_country_advice"))
    again = client.get(reverse("mfa_activate_totp"))
    assert again.url.startswith(reverse("account_reauthenticate"))
    assert client.get(again.url).status_code == 200
    assert client.post(again.url, {"password": "wrong"}).status_code == 200
    assert client.post(again.url, {"password": PASSWORD}).url == reverse("mfa_activate_totp")
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    # While it waits for its first code the secret is in a row of the database, sealed.
    assert secret not in str([row.get_decoded() for row in Session.objects.all()])
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert wrong.context["form"].secret == secret
    done = client.post(reverse("mfa_activate_totp"), {"code": code_now(secret)})
    assert done.url == reverse("mfa_view_recovery_codes")
    shown = client.get(done.url)
    assert reverse("list_country_advice") in shown.content.decode()
    assert "no-cache" in shown.headers["Cache-Control"]
    assert client.get(reverse("list_country_advice")).status_code == 200
    assert actions_in_ledger() == [
        "user.sign_in",
        "user.refuse_sign_in",
        "user.add_second_factor",
    ]
    for name in (
        "mfa_index",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "mfa_generate_recovery_codes",
        "mfa_deactivate_totp",
        "mfa_reauthenticate",
        "show_account",
    ):
        assert client.get(reverse(name)).status_code == 200, name


def test_a_code_is_asked_for_and_serves_once_even_while_the_cache_forgets(client):
    officer = make_officer()
    assert type_password(client, officer).url == reverse("mfa_authenticate")
    assert client.get(reverse("show_account")).status_code == 302
    typed = code()
    wrong = f"{(int(typed) + 1) % 1_000_000:06d}"
    assert client.post(reverse("mfa_authenticate"), {"code": wrong}).status_code == 200
    assert actions_in_ledger()[-1] == "user.refuse_sign_in"
    assert client.post(reverse("mfa_authenticate"), {"code": typed}).status_code == 302
    assert client.get(reverse("show_account")).status_code == 200
    elsewhere = Client()
    type_password(elsewhere, officer)
    cache.clear()
    again = elsewhere.post(reverse("mfa_authenticate"), {"code": typed})
    assert "used before" in again.content.decode()
    cache.clear()
    # Nor does an earlier one, which the clock's tolerance would still take.
    before = elsewhere.post(reverse("mfa_authenticate"), {"code": code(later=-1)})
    assert before.status_code == 200


@pytest.mark.parametrize("change", ["password", "sessions", "deactivated"])
def test_a_sign_in_that_waits_for_its_code_ends_with_the_sessions(client, change):
    """Who was phished changes the password: the password that was shown before is worth no more."""
    officer = make_officer()
    assert type_password(client, officer).headers["Location"] == "/accounts/2fa/authenticate/"
    if change == "password":
        change_password(user=officer, password="another-lantern", by=officer)
    elif change == "sessions":
        revoke_sessions(user=officer, by=officer)
    else:
        deactivate_user(user=officer, by=Actor.system("tests"))
    response = client.post("/accounts/2fa/authenticate/", {"code": code()})
    assert response.headers["Location"] == "/accounts/login/"
    assert not UserSession.objects.exists()
    assert "user.sign_in" not in actions_in_ledger()
    assert client.get("/accounts/2fa/authenticate/").headers["Location"] == "/accounts/login/"


def test_a_code_serves_once_to_confirm_that_it_is_you_too(client):
    officer = make_officer()
    type_password(client, officer)
    typed = code()
    client.post(reverse("mfa_authenticate"), {"code": typed})
    cache.clear()
    again = client.post(reverse("mfa_reauthenticate"), {"code": typed})
    assert "used before" in again.content.decode()


def test_a_recovery_code_signs_in_once(client):
    officer = make_officer()
    client.force_login(officer)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("mfa_generate_recovery_codes"))
    one = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"][0]
    for expected in (302, 200):
        elsewhere = Client()
        type_password(elsewhere, officer)
        answer = elsewhere.post(reverse("mfa_authenticate"), {"code": one})
        assert answer.status_code == expected


def test_removing_a_factor_ends_the_other_sessions_and_asks_for_a_new_one(client):
    officer, elsewhere = make_officer(), Client()
    client.force_login(officer)
    elsewhere.force_login(officer)
    assert elsewhere.get(reverse("show_account")).status_code == 200
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("mfa_deactivate_totp"))
    assert client.get(reverse("show_account")).headers["Location"] == CHOOSE
    assert elsewhere.get(reverse("show_account")).headers["Location"].startswith("/accounts/login/")
    assert "user.remove_second_factor" in actions_in_ledger()


def test_the_operator_resets_a_lost_factor(client, capsys):
    officer = make_officer()
    client.force_login(officer)
    client.get(reverse("show_account"))
    call_command("reset_second_factor", officer.email.upper())
    assert "1 second factors" in capsys.readouterr().out
    assert client.get(reverse("show_account")).headers["Location"].startswith("/accounts/login/")
    type_password(client, officer)
    assert client.get(reverse("show_account")).headers["Location"] == CHOOSE
    assert "user.reset_second_factor" in actions_in_ledger()
    with pytest.raises(CommandError, match="No user"):
        call_command("reset_second_factor", "nobody@mfa.example")


def test_the_secrets_are_sealed_and_follow_a_new_key(client, settings):
    officer = make_officer()
    client.force_login(officer)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("mfa_generate_recovery_codes"))
    row = Authenticator.objects.get(type="totp")
    assert SECRET not in str(row.data)
    assert open_secret(row.data["secret"]) == SECRET
    assert reseal_second_factors() == 0
    settings.FIELD_KEYS = f"new:{'A' * 43}=,{settings.FIELD_KEYS}"
    assert reseal_second_factors() == 2  # The app's secret and the seed of the recovery codes.
    settings.FIELD_KEYS = f"new:{'A' * 43}="
    assert key_ring().key_ids == ("new",)
    row.refresh_from_db()
    assert open_secret(row.data["secret"]) == SECRET


def test_a_page_costs_one_query_more_and_a_visitor_s_page_none(client):
    client.force_login(make_officer())
    client.get(reverse("show_account"))
    with CaptureQueriesContext(connection) as work:
        client.get(reverse("show_account"))
    ours = [q["sql"] for q in work if "usersession" in q["sql"] or "mfa_authenticator" in q["sql"]]
    assert len(ours) == 1
    with CaptureQueriesContext(connection) as nobody:
        Client().get("/")
    assert not any("session" in query["sql"] for query in nobody)
