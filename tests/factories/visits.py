"""A visitor who is signed in to a registration, and what they do there."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from audit.ledger import entries_about
from registrations.codes import code_of
from registrations.models import (
    Challenge,
    Person,
)


def visit_of(person: Person) -> Client:
    client = Client()
    session = client.session
    session["registration"] = str(person.pk)
    session.save()
    return client


def shown(client: Client, name: str, /, *args: Any) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200, response.get("Location")
    return response.content.decode()


def send(
    client: Client, name: str, /, *args: Any, then: str = "read_registration", **data: str
) -> None:
    response = client.post(reverse(name, args=args), data)
    assert response.status_code == 302, response.content.decode()
    assert response["Location"] == reverse(then)


def refused(client: Client, name: str, /, *args: Any, **data: str) -> str:
    response = client.post(reverse(name, args=args), data)
    assert response.status_code == 200, response.get("Location")
    return response.content.decode()


def acts(person: Person) -> list[str]:
    return [entry.action for entry in entries_about(person.pk)]


def prove(client: Client, name: str, *args: Any, contact: str) -> None:
    send(client, name, *args, then="confirm_contact", contact=contact)
    code = code_of(Challenge.objects.latest("created_at").pk)
    send(client, "confirm_contact", code=code)
