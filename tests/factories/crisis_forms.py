"""The two forms of an open crisis, as they are sent."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from crises.models import Crisis, Notice
from notifications.links import token_for
from notifications.models import Delivery
from registrations.models import Person
from tests.factories.crises import make_crisis, make_frozen, make_people

REGISTER = {
    "token": "a" * 32,
    "name": "Rosa Ñahui",
    "mobile": "+34 600 123 987",
    "mail": "",
    "country": "NP",
    "place": "",
    "place_id": "",
    "offered_for": "",
    "wellbeing": "",
    "note": "",
    "agrees": "on",
}
RELATIVE = {
    "token": "b" * 32,
    "name": "Ana Pérez",
    "mobile": "",
    "mail": "",
    "country": "NP",
    "place": "",
    "place_id": "",
    "offered_for": "",
    "since": "",
    "note": "",
    "own_name": "Luz Pérez",
    "own_mobile": "+34 911 234 567",
    "own_mail": "",
    "relationship": "madre",
}


def make_known_crisis(**fields: Any) -> Crisis:
    """An open crisis of which somebody there has been told."""
    make_people(1)
    notice: Notice = make_frozen(make_crisis(**fields))
    return notice.crisis


def register(client: Client, crisis: Crisis, **changes: str) -> Any:
    return client.post(reverse("register_in_crisis", args=[crisis.pk]), REGISTER | changes)


def report(client: Client, crisis: Crisis, **changes: str) -> Any:
    return client.post(reverse("report_relative", args=[crisis.pk]), RELATIVE | changes)


def arrived() -> Person:
    """Whoever registered in the crisis last."""
    return Person.objects.filter(source="crisis").latest("created_at")


def proof_address(person: Person, channel: str = "sms") -> str:
    """The page behind the link that this person was sent to prove an address."""
    delivery = Delivery.objects.get(
        message__purpose="crisis_proof", subject_id=person.pk, channel=channel
    )
    return f"/p/{token_for(delivery.pk)}/"


def page(client: Client, address: str) -> str:
    response = client.get(address, {"language": "en"})
    assert response.status_code == 200
    return response.content.decode()
