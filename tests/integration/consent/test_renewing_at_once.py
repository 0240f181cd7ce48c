"""Consent taken back while the same person, in another window, agrees to the newer text."""

from __future__ import annotations

import datetime as dt
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.utils.functional import lazystr

from audit.actors import Actor
from registrations.actions import give_consent, withdraw_consent
from registrations.consent_texts import register
from registrations.consent_texts.register import REGISTER, ConsentText
from registrations.models import Person
from tests.factories.registrations import make_person

pytestmark = pytest.mark.django_db(transaction=True)
NEWER = ConsentText(
    version="2026-11-23",
    in_force=dt.date(2026, 11, 22),
    title=lazystr("Send me advice"),
    parts=(lazystr("Twice a week at most."),),
    difference=lazystr("We now write twice a week at most."),
)


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Person:
    found = make_person(consents=frozenset({"crisis_contact", "advice"}))
    texts = {**REGISTER, "advice": (*REGISTER["advice"], NEWER)}
    monkeypatch.setattr(register, "REGISTER", texts)
    return found


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def test_what_is_taken_back_while_it_is_renewed_ends(person: Person) -> None:
    by, begun = Actor.traveller(person.pk), threading.Event()

    def renew() -> bool:
        try:
            with transaction.atomic():
                done = give_consent(
                    person_id=person.pk, purpose="advice", language="es", by=by, renews=True
                )
                begun.set()
                end = time.monotonic() + 10
                while not somebody_waits() and time.monotonic() < end:
                    time.sleep(0.02)
            return done
        finally:
            connection.close()

    def take_back() -> bool:
        begun.wait(10)
        try:
            return withdraw_consent(person_id=person.pk, purpose="advice", by=by)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        renewed, ended = pool.submit(renew), pool.submit(take_back)
        assert (renewed.result(), ended.result()) == (True, True)
    assert not Person.objects.with_consent("advice").exists()


def test_nothing_is_renewed_that_was_taken_back(person: Person) -> None:
    by = Actor.traveller(person.pk)
    withdraw_consent(person_id=person.pk, purpose="advice", by=by)
    assert not give_consent(
        person_id=person.pk, purpose="advice", language="es", by=by, renews=True
    )
    assert not Person.objects.with_consent("advice").exists()
