"""A canary: what a traveller types stands in no log, task, address, session or ledger entry."""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import Any

import pytest
from celery.app.task import Task
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from audit.models import Entry
from crises import actions, answer_views
from notifications.models import Delivery
from registrations.codes import code_of
from registrations.models import Challenge, Person
from tests.factories.crises import make_crisis, make_frozen, token_of
from tests.factories.registrations import make_places, today

pytestmark = pytest.mark.django_db
CANARIES = ("Quirina", "quirina", "600123987", "Zorrilla", "Xochimilco", "911765432", "roof of")


def register(client: Client) -> list[str]:
    """Through the form, every field that names anybody filled in; the addresses it led to."""
    led_to: list[str] = []

    def send(name: str, fields: dict[str, str]) -> None:
        response = client.post(reverse(name), fields)
        assert response.status_code == 302, response.content.decode()
        led_to.append(response["Location"])

    who = {"name": "Quirina Zorrilla", "mail": "quirina@example.org", "mobile": "+34 600 123 987"}
    send("enter_name", who | {"language": "es"})
    send(
        "confirm_code", {f"code_{one.channel}": code_of(one.pk) for one in Challenge.objects.all()}
    )
    send(
        "add_stay",
        {
            "kind": "trip",
            "latitude": "27.7",
            "longitude": "85.3",
            "exact_address": "Calle Xochimilco 7",
            "starts_on": today().isoformat(),
            "ends_on": (today() + dt.timedelta(days=10)).isoformat(),
        },
    )
    family = {"name": "Luz Zorrilla", "relationship": "madre", "phone": "+34 911 765 432"}
    send("enter_people", family)
    send("give_consents", {"crisis_contact": "on"})
    send("check_answers", {})
    return led_to


def all_that_is_stored_in_the_clear() -> str:
    """Sessions, ledger and deliveries, as the database holds them."""
    found: list[Any] = [list(Entry.objects.values()), list(Delivery.objects.values())]
    found.append([session.get_decoded() for session in Session.objects.all()])
    return json.dumps(found, default=str)


def test_it_sings_nowhere(caplog, monkeypatch, django_capture_on_commit_callbacks):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "django.db.backends")  # Statements are logged nowhere.
    cache.clear()
    make_places()
    tasks: list[object] = []
    monkeypatch.setattr(Task, "apply_async", lambda *args, **kw: tasks.append((args, kw)))
    client = Client(raise_request_exception=False)
    with django_capture_on_commit_callbacks(execute=True):
        led_to = register(client)
        person = Person.objects.get()
        notice = make_frozen(make_crisis())
        answer = f"/a/{token_of(notice, person)}/"
        given = {"choice": "need_help", "note": "Quirina on the roof of the school"}
        assert client.post(answer, given).status_code == 302

        def fail(**kwargs: object) -> None:
            raise RuntimeError("the answer could not be kept")

        with monkeypatch.context() as broken:
            broken.setattr(answer_views.actions, "record_answer", fail)
            assert client.post(answer, given | {"note": "Quirina again"}).status_code == 500
        assert client.get(reverse("read_registration")).status_code == 200
        actions.close_crisis(crisis=notice.crisis, by=notice.author)

    heard = {
        "log": caplog.text,
        "tasks": repr(tasks),
        "addresses": " ".join(led_to),
        "tables": all_that_is_stored_in_the_clear(),
    }
    assert tasks
    for where, text in heard.items():
        assert [word for word in CANARIES if word in text] == [], where
    assert Delivery.objects.filter(message=notice.message).count() == 2
