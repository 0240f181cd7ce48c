"""What others say of people, to test with."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from registrations.answers import ContactAnswer
from registrations.enums import Source
from registrations.models import (
    Person,
    Report,
)
from tests.factories.registrations import (
    make_person,
)


def mail(address: str, *, proved: bool = True) -> ContactAnswer:
    return ContactAnswer("mail", address, verified_at=timezone.now() if proved else None)


def make_report(**changes: Any) -> Person:
    """What a relative says of someone: an address that nobody has proved, and no consent."""
    given = {"contacts": (mail("ana@example.org"),), "consents": frozenset(), "family": ()}
    person = make_person(**(given | changes))
    Person.objects.filter(pk=person.pk).update(source=Source.RELATIVE)
    person.contact_points.update(verified_at=None)
    Report.objects.create(
        person=person, source=Source.RELATIVE, reporter={"name": "Luz"}, note="She rang on Monday"
    )
    person.refresh_from_db()
    return person
