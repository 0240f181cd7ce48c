"""A visitor who fills in the registration form without JavaScript."""

from __future__ import annotations

import datetime as dt

from django.test import Client
from django.urls import reverse

from registrations.codes import code_of
from registrations.models import Challenge
from tests.factories.registrations import today

WHO = {"name": "Ana Pérez", "mail": "Ana@Example.ORG", "mobile": "", "language": "es"}


def page(client: Client, name: str) -> str:
    response = client.get(reverse(name))
    assert response.status_code == 200, (name, response.status_code, response.get("Location"))
    return response.content.decode()


def send(client: Client, name: str, data: dict[str, str], then: str | None = None) -> str:
    response = client.post(reverse(name), data)
    if then is None:
        assert response.status_code == 200, response.get("Location")
        return response.content.decode()
    assert response.status_code == 302, response.content.decode()
    assert response["Location"] == reverse(then)
    return ""


def newest_code() -> str:
    return code_of(Challenge.objects.latest("created_at").pk)


def other_code() -> str:
    return f"{(int(newest_code()) + 1) % 1_000_000:06d}"


def stay(**changes: str) -> dict[str, str]:
    given = {
        "kind": "trip",
        "place": "kathmandu",
        "country": "",
        "starts_on": today().isoformat(),
        "ends_on": (today() + dt.timedelta(days=10)).isoformat(),
    }
    return given | changes


def prove(client: Client) -> None:
    send(client, "enter_name", WHO, then="confirm_code")
    send(client, "confirm_code", {"code_mail": newest_code()}, then="add_stay")


def until_check(client: Client) -> None:
    prove(client)
    send(client, "add_stay", stay(), then="enter_people")
    send(client, "enter_people", {}, then="give_consents")
    send(client, "give_consents", {"crisis_contact": "on"}, then="check_answers")


def register(client: Client, **consents: str) -> None:
    """From the consents, which are the last question, to the end."""
    send(client, "give_consents", {"crisis_contact": "on"} | consents, then="check_answers")
    send(client, "check_answers", {}, then="show_done")
