"""What is agreed to, and what is kept under an agreement of its own."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.factories.journey import page, prove, send, stay
from tests.factories.registrations import make_places

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world():
    cache.clear()
    return make_places()


def test_nobody_is_registered_without_the_first_consent(client: Client):
    prove(client)
    send(client, "add_stay", stay(), then="enter_people")
    send(client, "enter_people", {}, then="give_consents")
    shown = page(client, "give_consents")
    assert "checked" not in shown
    assert "Without this we cannot register you" in send(client, "give_consents", {"advice": "on"})
    assert client.get(reverse("check_answers"))["Location"] == reverse("give_consents")
