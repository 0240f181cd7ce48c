"""A session key that somebody planted in a browser never opens the visit that begins there."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.journey import WHO, send

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limits_left_over():
    cache.clear()


def key_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.mark.parametrize("is_known", [True, False])
def test_a_planted_key_is_not_adopted(client: Client, is_known):
    planted = SessionStore()
    planted["anything"] = 1
    planted.create()
    if not is_known:
        planted.delete()
    assert planted.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    send(client, "enter_name", WHO, then="confirm_code")
    assert key_of(client) != planted.session_key
    assert not Session.objects.filter(session_key=planted.session_key).exists()
    assert client.get(reverse("confirm_code")).status_code == 200


def test_a_new_visit_writes_its_session_once(client: Client):
    with CaptureQueriesContext(connection) as work:
        send(client, "enter_name", WHO, then="confirm_code")
    writing = [
        query["sql"].split()[0]
        for query in work
        if "django_session" in query["sql"] and not query["sql"].startswith("SELECT")
    ]
    assert writing == ["INSERT"]
