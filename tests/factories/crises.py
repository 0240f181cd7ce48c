"""Crises at each stage, reached through the actions that reach it in earnest."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from crises import actions
from crises.enums import AreaSource, Severity, Urgency
from crises.models import AffectedArea, Crisis, Notice
from geography.areas import Area
from notifications.links import token_for
from notifications.models import Delivery
from registrations.answers import ContactAnswer
from registrations.models import Person
from tests.factories.accounts import make_officer
from tests.factories.registrations import make_person

KATHMANDU = Area.circle(27.7, 85.3, 40)
TEXTS = {
    "en": {"subject": "Stay safe", "body": "Follow the authorities.", "sms": "Stay safe."},
    "es": {"subject": "A salvo", "body": "Siga a las autoridades.", "sms": "A salvo."},
}


def make_people(number: int = 3, **answers: Any) -> list[Person]:
    """People with a pin in Kathmandu, each with a mail address and a mobile of their own."""
    return [
        make_person(
            contacts=(
                ContactAnswer("mail", f"person{index}@example.org", verified_at=timezone.now()),
                ContactAnswer("sms", f"+97798412{index:05}", verified_at=timezone.now()),
            ),
            **answers,
        )
        for index in range(number)
    ]


def make_crisis(by: User | None = None, **fields: Any) -> Crisis:
    given: dict[str, Any] = {
        "title": "Flood around Kathmandu",
        "is_drill": False,
        "area": KATHMANDU,
        "label": "Kathmandu, within 40 km",
        "source": AreaSource.CIRCLE,
        "by": by or make_officer(),
    }
    return actions.open_crisis(**(given | fields))


def area_of(crisis: Crisis) -> AffectedArea:
    return crisis.areas.latest("created_at")


def make_notice(crisis: Crisis | None = None, **fields: Any) -> Notice:
    """A draft with its words, by the officer who opened the crisis."""
    crisis = crisis or make_crisis()
    notice = actions.start_notice(crisis=crisis, area=area_of(crisis), by=crisis.opened_by)
    given: dict[str, Any] = {
        "urgency": Urgency.IMMEDIATE,
        "severity": Severity.SEVERE,
        "certainty": "Observed",
        "expires_at": timezone.now() + timedelta(hours=24),
        "texts": TEXTS,
        "by": crisis.opened_by,
    }
    return actions.write_notice(notice=notice, **(given | fields))


def second_officer(notice: Notice) -> User:
    return make_officer(post=notice.author.post)


def make_submitted(crisis: Crisis | None = None, **fields: Any) -> Notice:
    notice = make_notice(crisis, **fields)
    return actions.submit_notice(notice=notice, by=notice.author)


def make_approved(crisis: Crisis | None = None, **fields: Any) -> Notice:
    notice = make_submitted(crisis, **fields)
    return actions.approve_notice(notice=notice, by=second_officer(notice))


def make_frozen(crisis: Crisis | None = None, **fields: Any) -> Notice:
    notice = make_approved(crisis, **fields)
    actions.freeze_notice(notice.pk)
    notice.refresh_from_db()
    return notice


def token_of(notice: Notice, person: Person) -> str:
    """The token in the link that this person got by mail."""
    delivery = Delivery.objects.get(message=notice.message_id, subject_id=person.pk, channel="mail")
    return token_for(delivery.pk)
