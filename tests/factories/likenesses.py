"""People like no other, and people alike."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from registrations.answers import ContactAnswer
from registrations.models import Person
from tests.factories.registrations import make_person

_numbers = iter(range(10_000))


def someone(**changes: Any) -> Person:
    """A person like no other, but for what is given."""
    number = next(_numbers)
    given: dict[str, Any] = {
        "name": f"Nora{number} Quist{number}",
        "contacts": (mail(f"nora{number}@example.org"),),
        "family": (),
    }
    return make_person(**(given | changes))


def mail(address: str) -> ContactAnswer:
    return ContactAnswer("mail", address, verified_at=timezone.now())


def alike(**changes: Any) -> tuple[Person, Person]:
    return someone(**changes), someone(**changes)
