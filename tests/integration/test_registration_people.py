"""Companions and family contacts of a registration."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from tests.factories.journey import prove, send, stay
from tests.factories.registrations import make_places

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world():
    cache.clear()
    return make_places()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"phone": "+34 911 234 567"}, "Write their name, or leave everything here empty."),
        ({"name": "Luz"}, "Write their telephone or their email address."),
        ({"name": "Luz", "mail": "nobody"}, "Write one email address"),
    ],
)
def test_what_is_wrong_with_the_family_stands_beside_it(client, typed, message):
    prove(client)
    send(client, "add_stay", stay(), then="enter_people")
    shown = send(client, "enter_people", typed)
    assert message in shown
    assert all(value in shown for value in typed.values())
