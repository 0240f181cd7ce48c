"""A mail program's own button ends advice and reminders, and never a warning or a code."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from notifications import engine, ports
from notifications.actions import queue_one
from notifications.enums import Lane
from notifications.models import Delivery
from notifications.ports import Paths, paths_of
from notifications.templates import TextOf
from tests.factories.deliveries import PURPOSE, FakeSource, bound_source
from tests.sinks import Sinks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def source() -> Iterator[FakeSource]:
    with bound_source() as source:
        ports.bind_source(PURPOSE, source, Paths(stop="/stop/"))
        yield source


@pytest.mark.parametrize("lane", list(Lane))
def test_only_what_is_not_urgent_has_the_button(source: FakeSource, sinks: Sinks, lane: Lane):
    queue_one(
        purpose=PURPOSE,
        lane=lane,
        recipient_id=uuid4(),
        subject_id=None,
        channel="mail",
        language="es",
        texts=[TextOf("es", "s", "{stop}")],
        expires_at=timezone.now() + timedelta(days=1),
    )
    engine.drain()
    [mail] = sinks.messages()
    assert "/stop/" in mail["body"]
    assert ("List-Unsubscribe" in mail["headers"]) == (lane == Lane.ADVICE)
    assert Delivery.objects.get().state == "accepted"


def test_advice_and_reminders_can_be_stopped_and_codes_cannot():
    assert {purpose: paths_of(purpose).stop for purpose in ("reminder", "advice")} == {
        "reminder": "/stop/",
        "advice": "/stop/",
    }
    for purpose in ("verification", "family", "replaced"):
        assert paths_of(purpose).stop == ""
