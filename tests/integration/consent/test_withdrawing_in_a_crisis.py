"""Consent taken back while a notice goes out: whoever was not begun yet gets nothing.

A worker claims and opens up to CLAIM rows, then begins them a slice at a time. Taking consent back
cancels what waits, claimed rows included, so that only what was begun can still arrive.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from audit.actors import Actor
from notifications import engine
from notifications.engine import claims, limits
from notifications.engine.courier import Courier
from notifications.enums import DeliveryState
from notifications.models import Delivery
from registrations.actions import withdraw_consent
from registrations.answers import ContactAnswer
from registrations.models import Person
from tests.factories.crises import make_frozen
from tests.factories.registrations import make_person
from tests.sinks import Sinks

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE, CHANGED_THEIR_MIND = 300, 30


@pytest.fixture
def people() -> list[Person]:
    now = timezone.now()
    return [
        make_person(contacts=(ContactAnswer("mail", f"p{index}@example.org", verified_at=now),))
        for index in range(PEOPLE)
    ]


def withdraw_on_first_send(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """Let people whose letters wait take back their consent as the first slice leaves."""
    send = Courier.send
    chosen: list[UUID] = []

    def hooked(self: Courier, letters: Sequence[Any], lane: int) -> Any:
        if not chosen:
            waiting = Delivery.objects.filter(
                state__in=[DeliveryState.CLAIMED, DeliveryState.QUEUED]
            )
            found = waiting.order_by("-pk").values_list("subject_id", flat=True)
            chosen.extend(person for person in found[:CHANGED_THEIR_MIND] if person)
            for person_id in chosen:
                by = Actor.traveller(person_id)
                withdraw_consent(person_id=person_id, purpose="crisis_contact", by=by)
        return send(self, letters, lane)

    monkeypatch.setattr(Courier, "send", hooked)
    return chosen


@pytest.mark.parametrize("claim", [limits.CLAIM, 64])
def test_who_was_not_begun_gets_nothing(claim, people, sinks: Sinks, monkeypatch):
    """In one claim (all are opened already), and in several (the next one asks again)."""
    take = claims.claim
    monkeypatch.setattr(claims, "claim", lambda owner, size, **more: take(owner, claim, **more))
    notice = make_frozen()
    chosen = withdraw_on_first_send(monkeypatch)
    assert engine.drain() == PEOPLE - CHANGED_THEIR_MIND
    rows = Delivery.objects.filter(message=notice.message_id)
    theirs = rows.filter(subject_id__in=chosen)
    assert set(theirs.values_list("state", "error_code")) == {("cancelled", "no_consent")}
    assert sinks.counts()["unique_references"] == PEOPLE - CHANGED_THEIR_MIND
    assert not sinks.references() & {str(row.pk) for row in theirs}


def test_the_next_claim_asks_again_by_itself(people, sinks: Sinks, monkeypatch):
    """Also where nothing was cancelled: opening is asked for each claim."""
    notice = make_frozen()
    chosen = [person.pk for person in people[:CHANGED_THEIR_MIND]]
    for person_id in chosen:
        person = Person.objects.get(pk=person_id)
        person.consents.update(withdrawn_at=timezone.now())
    assert engine.drain() == PEOPLE - CHANGED_THEIR_MIND
    theirs = Delivery.objects.filter(message=notice.message_id, subject_id__in=chosen)
    assert set(theirs.values_list("state", "withheld_reason")) == {("withheld", "no_consent")}
