"""Runs inside the portal's environment, for what an attacker could work out by themselves."""

from __future__ import annotations

import json
import secrets

from django.core import signing

from registrations.contacts import indexes_of
from registrations.models import ContactPoint
from registrations.validation import MailAddress


def forge(person: str) -> None:
    """Print a session of this person's, signed with a key that is a guess."""
    held = {"registration": person, "registration_seen": 9_999_999_999}
    data = signing.dumps(
        held, key="a guess of fifty characters, as good as any other one", compress=True,
        salt="django.contrib.sessions.SessionStore",
        serializer=signing.JSONSerializer,
    )  # fmt: skip
    print(json.dumps({"key": secrets.token_hex(16), "session": data}))  # noqa: T201


def person_of(mail: str) -> None:
    """Print whose proved address this is: everybody knows their own reference."""
    point = ContactPoint.objects.proved().get(address_index__in=indexes_of(MailAddress(mail)))
    print(json.dumps(str(point.person_id)))  # noqa: T201
