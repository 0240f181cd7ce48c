"""The demo's posts, officers and agency. Nothing here runs unless the demo is asked for."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from accounts.actions import create_officer, create_post
from accounts.enums import Role
from accounts.models import Post, User
from accounts.second_factor import code_now, seal_secret
from audit.actors import Actor
from partners.actions import create_agency
from partners.enums import AgencyKind

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

DEMO_PASSWORD = "calm-harbour-lantern"  # noqa: S105  # known to everyone who reads the demo page


@dataclass(frozen=True, slots=True)
class DemoPost:
    name: str
    city: str
    country: str
    jurisdiction: tuple[str, ...]
    address: str
    telephone_24h: str


@dataclass(frozen=True, slots=True)
class DemoOfficer:
    email: str
    name: str
    role: Role
    post: str | None
    language: str
    what_for: str | StrPromise


POSTS = (
    DemoPost(
        "Embassy in Mexico City", "Mexico City", "MX", ("MX", "GT", "BZ", "SV", "HN"),
        "Paseo de la Reforma 1000, Mexico City", "+525555550100",
    ),
    DemoPost(
        "Embassy in Manila", "Manila", "PH", ("PH", "PW", "FM"),
        "Roxas Boulevard 2000, Manila", "+63285550100",
    ),
    DemoPost(
        "Embassy in New Delhi", "New Delhi", "IN", ("IN", "NP", "BD", "BT", "LK"),
        "Shantipath 50, New Delhi", "+911155550100",
    ),
    DemoPost(
        "Embassy in Tokyo", "Tokyo", "JP", ("JP",),
        "Minato 3-1, Tokyo", "+81355550100",
    ),
)  # fmt: skip

OFFICERS = (
    DemoOfficer("ana@mexico.example", "Ana Duarte", Role.OFFICER, "Embassy in Mexico City", "es",
                _("opens crises, writes notices and asks for approval")),
    DemoOfficer("luis@mexico.example", "Luis Ferrer", Role.OFFICER, "Embassy in Mexico City", "es",
                _("second officer of the same post: approves what Ana wrote")),
    DemoOfficer("maria@manila.example", "Maria Reyes", Role.OFFICER, "Embassy in Manila", "en",
                _("officer of another post: sees its own countries only")),
    DemoOfficer("ken@tokyo.example", "Ken Ogawa", Role.OFFICER, "Embassy in Tokyo", "en",
                _("officer of a third post: approved the notice that has been sent")),
    DemoOfficer("clara@capital.example", "Clara Roth", Role.COORDINATOR, None, "en",
                _("crisis coordinator in the capital: sees all posts, approves")),
    DemoOfficer("pablo@capital.example", "Pablo Stern", Role.COORDINATOR, None, "es",
                _("second coordinator: publishes the advice that Clara wrote")),
    DemoOfficer("david@capital.example", "David Okoye", Role.DATA_PROTECTION_OFFICER, None, "en",
                _("data protection officer: sees the ledger and its alarms, and no people")),
    DemoOfficer("ines@capital.example", "Ines Moreau", Role.AUDITOR, None, "fr",
                _("auditor: searches the ledger and keeps its heads, and sees no people")),
    DemoOfficer("omar@capital.example", "Omar Haddad", Role.OPERATOR, None, "ar",
                _("operator: is refused the crises and the people")),
)  # fmt: skip


def ensure_demo_staff() -> None:
    """Create the demo's posts and officers, once. Refuses outside the demo and the tests."""
    if settings.IS_PRODUCTION:
        raise ImproperlyConfigured("Demo accounts exist only in the demo: unset PORTAL_MODE.")
    by = Actor.system("demo")
    posts = {}
    for post in POSTS:
        existing = Post.objects.filter(name=post.name).first()
        posts[post.name] = existing or create_post(
            name=post.name,
            city=post.city,
            country=post.country,
            jurisdiction=list(post.jurisdiction),
            address=post.address,
            telephone_24h=post.telephone_24h,
            email=f"duty@{post.city.lower().replace(' ', '-')}.example",
            by=by,
        )
    for officer in OFFICERS:
        if not User.objects.filter(email=officer.email).exists():
            create_officer(
                email=officer.email,
                name=officer.name,
                role=officer.role,
                post=posts[officer.post] if officer.post else None,
                password=DEMO_PASSWORD,
                language=officer.language,
                by=by,
            )
        user = User.objects.get(email=officer.email)
        Authenticator.objects.get_or_create(
            user_id=user.pk,
            type=Authenticator.Type.TOTP,
            defaults={"data": {"secret": seal_secret(_secret_of(officer.email))}},
        )


def demo_code(email: str, *, later: int = 0) -> str:
    """What the authenticator app of this demo officer shows now; each code serves once."""
    return code_now(_secret_of(email), later=later)


def _secret_of(email: str) -> str:
    """Known to everyone who reads the demo page, as the password is."""
    return base64.b32encode(hashlib.sha256(email.encode()).digest()[:20]).decode()


def ensure_demo_agency() -> None:
    """Create the demo's partner agency and keep its secret beside the demo's state."""
    if _agency_file().exists():
        return
    agency, secret = create_agency(
        name="Solandia Red Cross", kind=AgencyKind.RED_CROSS, by=Actor.system("demo")
    )
    _agency_file().touch(mode=0o600)
    _agency_file().write_text(
        json.dumps({"name": agency.name, "client_id": agency.client_id, "client_secret": secret})
    )


def read_demo_agency() -> dict[str, str]:
    """The demo agency's name, client_id and client_secret; empty before the demo has run."""
    if not _agency_file().exists():
        return {}
    content: dict[str, str] = json.loads(_agency_file().read_text())
    return content


def _agency_file() -> Path:
    return settings.VAR_DIR / "demo-agency.json"
