"""People whose stays are asked about, at a moment of the tests' own."""

from __future__ import annotations

import datetime as dt
from typing import Any

from registrations.answers import OPEN_END, ContactAnswer
from registrations.models import Person, Stay
from tests.factories.registrations import make_person, pin_stay

# Noon in Kathmandu's afternoon; an ordinary day.
NOW = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
MAIL = ContactAnswer("mail", "ana@example.org", verified_at=NOW)
PHONE = ContactAnswer("sms", "+34600123456", verified_at=NOW)


def staying(*, days_left: int = 2, told_days_ago: int = 30, **changes: Any) -> Stay:
    """The one stay of a new person, with so many days left at NOW."""
    stay = pin_stay(
        starts_on=NOW.date() - dt.timedelta(days=20),
        ends_on=NOW.date() + dt.timedelta(days=days_left),
    )
    return _dated(make_person(**({"stays": (stay,), "contacts": (MAIL,)} | changes)), told_days_ago)


def living(*, told_days_ago: int = 366, **changes: Any) -> Stay:
    """The residence of a new person, who has not been heard of for so many days at NOW."""
    stay = pin_stay(
        kind="residence", starts_on=NOW.date() - dt.timedelta(days=2000), ends_on=OPEN_END
    )
    return _dated(make_person(**({"stays": (stay,), "contacts": (MAIL,)} | changes)), told_days_ago)


def _dated(person: Person, told_days_ago: int) -> Stay:
    told = NOW - dt.timedelta(days=told_days_ago)
    person.stays.update(confirmed_at=told)
    Person.objects.filter(pk=person.pk).update(confirmed_at=told, created_at=told)
    return person.stays.get()
