"""Posts and users for the tests."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from model_bakery import baker

from accounts.enums import Role
from accounts.models import Post, User
from accounts.second_factor import code_now, seal_secret

PASSWORD = "lanterns over quiet water"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # Of everybody's authenticator app.


def make_post(**fields: Any) -> Post:
    """An embassy in Kathmandu, unless told otherwise."""
    wanted: dict[str, Any] = {
        "name": baker.prepare(Post).name[:40],
        "city": "Kathmandu",
        "country": "NP",
        "jurisdiction": ["BT", "NP"],
        "address": "1 Palace Road",
        "telephone_24h": "+97714411223",
        "email": "kathmandu@mfa.example",
    }
    return baker.make(Post, **{**wanted, **fields})


def code(*, later: int = 0) -> str:
    """What that app shows now, or so many half minutes from now. Each code serves once."""
    return code_now(SECRET, later=later)


def make_user(
    role: Role | str = Role.OFFICER, *, second_factor: bool = True, **fields: Any
) -> User:
    """Someone who signs in with PASSWORD and a code; an officer gets a post."""
    if role == Role.OFFICER and "post" not in fields:
        fields["post"] = make_post()
    wanted: dict[str, Any] = {
        "role": role,
        "name": "Ana Ruiz",
        "email": f"{baker.random_gen.gen_string(12).lower()}@mfa.example",
        "password": make_password(PASSWORD),
        "language": "en",
        "is_active": True,
        "session_version": 0,
    }
    user: User = baker.make(User, **{**wanted, **fields})
    if second_factor:
        Authenticator.objects.create(
            user_id=user.pk, type=Authenticator.Type.TOTP, data={"secret": seal_secret(SECRET)}
        )
    return user


def make_officer(**fields: Any) -> User:
    return make_user(Role.OFFICER, **fields)


def make_coordinator(**fields: Any) -> User:
    return make_user(Role.COORDINATOR, **fields)
