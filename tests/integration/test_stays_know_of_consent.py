"""A stay knows whether its person agreed to be contacted: the database keeps it, whoever writes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from registrations.enums import ConsentPurpose
from registrations.models import Consent, Person, Stay
from tests.factories.registrations import make_person, today

pytestmark = pytest.mark.django_db


def astray() -> int:
    """How many stays say otherwise than the consents do."""
    standing = Consent.objects.filter(
        person=OuterRef("person_id"),
        purpose=ConsentPurpose.CRISIS_CONTACT,
        withdrawn_at__isnull=True,
    )
    stays = Stay.objects.annotate(truth=Exists(standing))
    return stays.exclude(contact_agreed=F("truth")).count()


def agrees(person: Person) -> bool:
    assert not astray()
    return Stay.objects.with_consent(ConsentPurpose.CRISIS_CONTACT).filter(person=person).exists()


def consent_of(person: Person) -> Consent:
    return person.consents.get(purpose=ConsentPurpose.CRISIS_CONTACT, withdrawn_at__isnull=True)


def make(*, stays: bool = True, consents: bool = True) -> Person:
    person = make_person()
    if not stays:
        person.stays.all().delete()
    if not consents:
        person.consents.all().delete()
    return person


def stay_in(country: str, person: Person) -> Stay:
    return Stay.objects.create(
        person=person, kind="trip", precision="country", country=country, starts_on=today()
    )


def give(person: Person) -> Consent:
    return Consent.objects.create(
        person=person, purpose=ConsentPurpose.CRISIS_CONTACT, text_version="1", language="en"
    )


def test_whichever_comes_first():
    person = make(stays=False)
    stay_in("NP", person)
    assert agrees(person)
    other = make(consents=False)
    assert not agrees(other)
    give(other)
    assert agrees(other)


def test_taken_back_given_anew_and_gone():
    person = make()
    consent = consent_of(person)
    Consent.objects.filter(pk=consent.pk).update(withdrawn_at=timezone.now())
    assert not agrees(person)
    give(person)
    assert agrees(person)
    person.consents.filter(withdrawn_at__isnull=True).delete()
    assert not agrees(person)


def test_another_consent_says_nothing_of_this_one():
    person = make(consents=False)
    Consent.objects.create(
        person=person, purpose=ConsentPurpose.ADVICE, text_version="1", language="en"
    )
    assert not agrees(person)


def test_nothing_that_is_written_to_a_stay_makes_it_agree():
    person = make(consents=False)
    stay = person.stays.all()[0]
    stay.contact_agreed = True
    stay.save()
    Stay.objects.filter(pk=stay.pk).update(contact_agreed=True)
    assert not agrees(person)


def test_a_stay_and_a_consent_that_move_to_another_person():
    person = make()
    other = make(consents=False)
    person.stays.update(person=other)
    assert not agrees(other)
    consent = consent_of(person)
    Consent.objects.filter(pk=consent.pk).update(person=other)
    assert agrees(other)


@pytest.mark.django_db(transaction=True)
def test_a_stay_and_a_consent_written_at_once():
    person = make(stays=False, consents=False)

    def write_stay() -> None:
        stay_in("NP", person)

    for first, second in ((write_stay, lambda: give(person)), (lambda: give(person), write_stay)):
        with transaction.atomic():
            first()
            meanwhile = threading.Thread(target=_alone, args=(second,))
            meanwhile.start()
            # It waits for this transaction, or would be done by now.
            meanwhile.join(timeout=0.5)
            waited = meanwhile.is_alive()
        meanwhile.join(timeout=30)
        assert waited
        assert agrees(person)
        person.stays.all().delete()
        person.consents.all().delete()


def _alone(write: Callable[[], Any]) -> None:
    try:
        write()
    finally:
        connection.close()
