"""Who I am, who travels with me and whom to call at home, corrected after registering."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from audit.actors import Actor
from audit.ledger import entries_about
from notifications.models import Delivery
from registrations import actions
from registrations.actions.changing_people import NEW_ADDRESSES_PER_DAY
from registrations.answers import CompanionAnswer, FamilyAnswer
from registrations.contacts import index_of, value_of
from registrations.models import (
    Companion,
    FamilyContact,
    Person,
)
from tests.factories.registrations import make_person
from tests.factories.visits import refused, send, shown

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


def test_name_document_and_birth_are_corrected(visit: Client, person: Person):
    given = {"document_number": "X123456", "birth_date": "1990-05-17", "language": "fr"}
    shown(visit, "change_facts")
    assert "Write your name." in refused(visit, "change_facts", name="", **given)
    before = set(person.keys.values_list("index", flat=True))
    send(visit, "change_facts", name="Ana Núñez", **given)
    person = Person.objects.get()
    assert (person.name, person.language, person.document_number, person.birth_date) == (
        "Ana Núñez",
        "fr",
        "X123456",
        dt.date(1990, 5, 17),
    )
    # Duplicates are looked for by what is right now.
    assert before != set(person.keys.values_list("index", flat=True))
    send(visit, "change_facts", name="Ana Núñez", language="fr", document_number="", birth_date="")
    assert Person.objects.get().document_number is None
    entry = entries_about(person.pk).filter(action="registration.change").latest("at")
    assert entry.details["fields"] == ["birth_date", "document_number"]


def test_needs_rest_on_their_own_consent(visit: Client, person: Person):
    shown(visit, "change_needs")
    assert "Tick this" in refused(visit, "change_needs", needs_text="insulin")
    assert Person.objects.get().needs is None
    send(visit, "change_needs", needs_text="insulin", agree="on")
    assert Person.objects.get().needs == "insulin"
    assert "insulin" in shown(visit, "read_registration")
    send(visit, "stop_consent", then="read_consents", purpose="needs")
    assert Person.objects.get().needs is None
    with pytest.raises(actions.NotAgreed):
        actions.change_needs(person_id=person.pk, needs="insulin", by=SYSTEM)


def test_statistics_rest_on_their_own_consent(visit: Client, person: Person):
    shown(visit, "change_statistics")
    send(visit, "change_statistics", agree="on", gender="female", home_region="Norte")
    assert (Person.objects.get().gender, Person.objects.get().home_region) == ("female", "Norte")
    assert "Norte" in shown(visit, "read_registration")
    send(visit, "stop_consent", then="read_consents", purpose="statistics")
    assert (Person.objects.get().gender, Person.objects.get().home_region) == (None, None)
    send(visit, "change_statistics", gender="female", home_region="Norte")
    assert Person.objects.get().gender is None


def test_companions_are_added_corrected_and_removed(visit: Client, person: Person):
    shown(visit, "add_own_companion")
    send(visit, "add_own_companion", name="Leo", consent="guardian", birth_date="")
    leo = Companion.objects.get()
    assert (leo.is_minor, leo.person_id) == (True, person.pk)
    assert "Leo" in shown(visit, "change_own_companion", leo.pk)
    send(
        visit, "change_own_companion", leo.pk, name="Leo Pérez", consent="in_person", birth_date=""
    )
    leo.refresh_from_db()
    assert (leo.name, leo.is_minor) == ("Leo Pérez", False)
    assert "Leo Pérez" in shown(visit, "read_registration")
    send(visit, "remove_own_companion", leo.pk)
    assert not Companion.objects.exists()


def test_a_companion_who_speaks_for_themselves_is_only_removed(visit: Client, person: Person):
    leo = Companion.objects.create(
        person=person, name="Leo", is_minor=False, consent="invited", text_version="1"
    )
    assert "What is wrong they correct themselves" in shown(visit, "change_own_companion", leo.pk)
    send(visit, "change_own_companion", leo.pk, name="Leon", consent="in_person", birth_date="")
    leo.refresh_from_db()
    assert leo.name == "Leo"
    companion = CompanionAnswer("Leo", is_minor=False, consent="in_person")
    other = make_person()
    assert not actions.change_companion(
        person_id=other.pk, companion_id=leo.pk, companion=companion, by=SYSTEM
    )
    assert not actions.remove_companion(person_id=other.pk, companion_id=leo.pk, by=SYSTEM)


def test_family_contacts_are_added_told_changed_and_removed(visit: Client, person: Person):
    FamilyContact.objects.all().delete()
    shown(visit, "add_own_family")
    send(visit, "add_own_family", name="Luz", mail="luz@example.org", phone="", language="fr")
    luz = FamilyContact.objects.get()
    assert luz.told_at
    assert Delivery.objects.filter(recipient_id=luz.pk).count() == 1
    assert "luz@example.org" in shown(visit, "change_own_family", luz.pk)
    send(visit, "change_own_family", luz.pk, name="Luz P.", mail="luz@example.org", language="fr")
    assert Delivery.objects.filter(recipient_id=luz.pk).count() == 1
    send(visit, "remove_own_family", luz.pk)
    assert not FamilyContact.objects.exists()
    for number in range(3):
        send(visit, "add_own_family", name="A", mail=f"a{number}@example.org", language="fr")
    page = refused(visit, "add_own_family", name="A", mail="a3@example.org", language="fr")
    assert "up to 3 people" in page


def test_an_objection_is_shown_without_a_name_and_holds(visit: Client, person: Person):
    index = index_of(value_of("mail", "luz@example.org"))
    FamilyContact.objects.update(address_index=index)
    luz = FamilyContact.objects.get()
    assert actions.object_to_listing(contact_id=luz.pk, by=SYSTEM)
    page = shown(visit, "read_registration")
    assert "One of your family contacts did not want to be listed" in page
    assert "Luz" not in page
    again = refused(visit, "add_own_family", name="Luz", mail="luz@example.org", language="es")
    assert "did not want to be listed here" in again
    assert visit.get(reverse("change_own_family", args=[luz.pk])).status_code == 404
    send(visit, "remove_own_family", luz.pk)
    assert FamilyContact.objects.filter(pk=luz.pk).exists()


def test_nobody_writes_to_a_hundred_strangers_by_correcting_one_contact(person: Person):
    contact = person.family_contacts.get()

    def save(number: int) -> bool:
        luz = FamilyAnswer(name="Luz", mail=f"luz{number}@example.org")
        return actions.save_family_contact(
            person_id=person.pk, contact=luz, contact_id=contact.pk, by=SYSTEM
        )

    assert all(save(number) for number in range(NEW_ADDRESSES_PER_DAY))
    # The address that stands is no new one.
    assert save(NEW_ADDRESSES_PER_DAY - 1)
    with pytest.raises(actions.TooMany):
        save(NEW_ADDRESSES_PER_DAY)
    omar = CompanionAnswer("Omar", False, "invited", mail="omar@example.org")
    with pytest.raises(actions.TooMany):
        actions.add_companion(person_id=person.pk, companion=omar, by=SYSTEM)
    assert not Person.objects.exclude(pk=person.pk).exists()
    assert Delivery.objects.filter(message__purpose="family").count() == NEW_ADDRESSES_PER_DAY
