"""The token endpoint: client credentials for agencies, and nothing else."""

from __future__ import annotations

import base64

import pytest
from allauth.idp.oidc.models import Client as OAuthClient
from allauth.idp.oidc.models import Token
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.enums import Role
from audit.models import Entry
from partners.actions import deactivate_agency, replace_secret
from partners.models import Agency
from tests.factories.accounts import make_user
from tests.factories.partners import ask_for_token, make_agency, make_token

pytestmark = pytest.mark.django_db
TOKEN = "/api/oauth/token"


@pytest.fixture(autouse=True)
def _no_limits_left_over():
    cache.clear()


def refusals() -> list[str]:
    return list(Entry.objects.filter(action="api.refuse_token").values_list("actor_id", flat=True))


def test_a_program_gets_a_token_of_which_only_a_hash_is_kept(client):
    agency, secret = make_agency()
    response = ask_for_token(client, agency, secret)
    assert response.status_code == 200
    answer = response.json()
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 900
    assert answer["scope"] == "crises:read"
    assert "refresh_token" not in answer
    assert "id_token" not in answer
    assert response.headers["Cache-Control"] == "no-store"
    assert answer["access_token"] not in str(list(Token.objects.values()))
    assert secret not in str(list(OAuthClient.objects.values()))
    entry = Entry.objects.get(action="api.issue_token")
    assert (entry.actor_kind, entry.actor_id) == ("agency", agency.client_id)
    assert entry.details == {"status": 200}


def test_the_credentials_may_come_in_the_header(client):
    agency, secret = make_agency()
    pair = base64.b64encode(f"{agency.client_id}:{secret}".encode()).decode()
    form = {"grant_type": "client_credentials"}
    response = client.post(TOKEN, form, headers={"authorization": f"Basic {pair}"})
    assert response.status_code == 200
    assert response.json()["scope"] == "crises:read"


def test_a_wrong_secret_is_refused_and_stands_in_the_ledger(client):
    agency, _secret = make_agency()
    response = ask_for_token(client, agency, "wrong")
    assert (response.status_code, response.json()) == (401, {"error": "invalid_client"})
    assert not Token.objects.exists()
    assert refusals() == [agency.client_id]


def test_an_unknown_client_is_refused(client):
    response = client.post(
        TOKEN,
        {"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "x"},
    )
    assert (response.status_code, response.json()) == (401, {"error": "invalid_client"})
    assert refusals() == []


@pytest.mark.parametrize("scope", ["openid", "crises:read people:read", "crises:write"])
def test_another_scope_is_refused(client, scope):
    agency, secret = make_agency()
    response = ask_for_token(client, agency, secret, scope=scope)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_scope")
    assert refusals() == [agency.client_id]


@pytest.mark.parametrize(
    "fields",
    [
        {"grant_type": "authorization_code", "code": "x"},
        {"grant_type": "refresh_token", "refresh_token": "x"},
        {"grant_type": "password", "username": "x", "password": "y"},
        {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "x"},
        {"grant_type": ""},
    ],
)
def test_another_grant_is_refused(client, fields):
    agency, secret = make_agency()
    assert ask_for_token(client, agency, secret, **fields).status_code in {400, 401}
    assert not Token.objects.exists()


def test_an_inactive_agency_gets_no_token(client):
    agency, secret = make_agency()
    deactivate_agency(agency=agency, by=make_user(Role.OPERATOR))
    response = ask_for_token(client, agency, secret)
    assert (response.status_code, response.json()) == (401, {"error": "invalid_client"})
    assert refusals() == [agency.client_id]


def test_a_client_that_is_no_agencys_gets_no_token(client):
    stray = OAuthClient(grant_types="client_credentials", scopes="crises:read")
    stray.set_secret("known")
    stray.save()
    form = {"grant_type": "client_credentials", "client_id": stray.pk, "client_secret": "known"}
    assert client.post(TOKEN, form).status_code == 401


def test_a_new_secret_ends_the_old_one_and_its_tokens(client):
    agency, old = make_agency()
    ask_for_token(client, agency, old)
    new = replace_secret(agency=agency, by=make_user(Role.OPERATOR))
    assert not Token.objects.exists()
    assert ask_for_token(client, agency, old).status_code == 401
    assert ask_for_token(client, agency, new).status_code == 200


def test_expired_tokens_go_when_the_next_is_issued(client):
    agency, secret = make_agency()
    make_token(agency, "old", expires_at=timezone.now(), scopes="crises:read")
    ask_for_token(client, agency, secret)
    assert Token.objects.count() == 1


def test_guessing_secrets_runs_into_a_limit(client, settings):
    settings.API_TOKEN_RATE_LIMIT = "3/m/key"
    agency, secret = make_agency()
    for _guess in range(3):
        assert ask_for_token(client, agency, "wrong").status_code == 401
    response = ask_for_token(client, agency, secret)
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "60"


def test_tokens_are_asked_for_by_post_alone(client):
    assert client.get(TOKEN).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/identity/o/authorize",
        "/identity/o/api/token",
        "/.well-known/openid-configuration",
        "/api/oauth/revoke",
        "/api/oauth/introspect",
        "/api/oauth/clients",
    ],
)
def test_no_other_part_of_the_identity_provider_is_mounted(client, path):
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404


def test_the_commands_add_and_close_an_agency(client, capsys):
    call_command("add_agency", "Red Cross of Solandia", kind="red_cross")
    shown = dict(line.split("=", 1) for line in capsys.readouterr().out.split())
    agency = Agency.objects.get()
    assert agency.client_id == shown["client_id"]
    assert ask_for_token(client, agency, shown["client_secret"]).status_code == 200
    call_command("close_agency", "Red Cross of Solandia")
    assert ask_for_token(client, agency, shown["client_secret"]).status_code == 401
    with pytest.raises(CommandError, match="No agency"):
        call_command("close_agency", "Nobody")
    with pytest.raises(CommandError):
        call_command("add_agency", "Red Cross of Solandia", kind="red_cross")


def test_a_kind_that_does_not_exist_is_refused():
    with pytest.raises(ValidationError):
        make_agency(kind="spies")
    assert not OAuthClient.objects.exists()


def test_a_name_that_no_database_can_hold_is_nobody_s(client):
    form = {"grant_type": "client_credentials", "client_id": "a\x00b", "client_secret": "\x00"}
    assert client.post(TOKEN, form).status_code == 401
    pair = base64.b64encode(b"\x00:\x00").decode()
    response = client.post(TOKEN, form, headers={"authorization": f"Basic {pair}"})
    assert response.status_code == 401
