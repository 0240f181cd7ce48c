"""Posts and users for the tests."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import make_password
from model_bakery import baker

from accounts.enums import Role
from accounts.models import Post, User

PASSWORD = "lanterns over quiet water"


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


def make_user(role: Role | str = Role.OFFICER, **fields: Any) -> User:
    """Someone who signs in with PASSWORD; an officer gets a post."""
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
    return baker.make(User, **{**wanted, **fields})


def make_officer(**fields: Any) -> User:
    return make_user(Role.OFFICER, **fields)


def make_coordinator(**fields: Any) -> User:
    return make_user(Role.COORDINATOR, **fields)
