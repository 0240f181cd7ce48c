"""Agencies and their tokens for the tests."""

from __future__ import annotations

from typing import Any

from allauth.idp.oidc.models import Token
from django.test import Client
from model_bakery import baker

from audit.actors import Actor
from partners.actions import create_agency
from partners.models import Agency


def make_agency(name: str = "Red Cross of Solandia", kind: str = "red_cross") -> tuple[Agency, str]:
    """An agency and its client secret."""
    return create_agency(name=name, kind=kind, by=Actor.system("test"))


def ask_for_token(client: Client, agency: Agency, secret: str, **fields: str):
    """The token endpoint's answer to a form post, as an agency's program sends it."""
    form = {
        "grant_type": "client_credentials",
        "client_id": agency.client_id,
        "client_secret": secret,
        "scope": "crises:read",
    }
    return client.post("/api/oauth/token", {**form, **fields})


def make_token(agency: Agency, value: str, **fields: Any) -> Token:
    """A token as the endpoint stores it, with `value` as what the program holds."""
    token: Token = baker.prepare(
        Token, type=Token.Type.ACCESS_TOKEN, client=agency.client, user=None, **fields
    )
    token.set_value(value)
    token.save()
    return token
