"""Who travels along and whom to call at home, changed after registering."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actors import Actor
from audit.journal import journal
from audit.ledger import record
from audit.purposes import Purpose
from registrations.actions.changing import TooMany, lock_person
from registrations.actions.companions import save_companions
from registrations.actions.telling import tell_family
from registrations.answers import (
    COMPANION_LIMIT,
    FAMILY_LIMIT,
    Answers,
    CompanionAnswer,
    FamilyAnswer,
)
from registrations.consent_texts import COMPANION, current_text
from registrations.contacts import address_of, indexes_of
from registrations.enums import CompanionConsent
from registrations.family import has_objected
from registrations.limits import take_turn
from registrations.models import Companion, FamilyContact
from registrations.saved_stays import stay_answers

# Each is written to: a few corrections are usual, and a hundred strangers are not.
NEW_ADDRESSES_PER_DAY = 20
_DAY = 24 * 3600


class Objected(Exception):
    """Whoever is reached there has said that this person shall not list them."""


@transaction.atomic
def add_companion(*, person_id: UUID, companion: CompanionAnswer, by: Actor) -> None:
    """Name who travels along; one who agrees for themselves is written to. Raises TooMany."""
    person = lock_person(person_id)
    if person.companions.count() >= COMPANION_LIMIT:
        raise TooMany
    if companion.mail or companion.phone:
        _take_address(person_id)
    answers = Answers(language=person.language, companions=(companion,), stays=stay_answers(person))
    save_companions(person=person, answers=answers, by=by)
    _note("companion.add", person_id, "registrations.companion", by)


@transaction.atomic
def change_companion(
    *, person_id: UUID, companion_id: UUID, companion: CompanionAnswer, by: Actor
) -> bool:
    """Correct a companion. False for one who was written to, and speaks for themselves."""
    person = lock_person(person_id)
    found = person.companions.filter(pk=companion_id).first()
    if found is None or CompanionConsent.INVITED in (found.consent, companion.consent):
        return False
    found.name, found.birth_date = companion.name, companion.birth_date
    found.is_minor, found.consent = companion.is_minor, companion.consent
    found.text_version, found.agreed_at = current_text(COMPANION).version, timezone.now()
    found.save()
    _note("companion.change", person_id, "registrations.companion", by)
    return True


@transaction.atomic
def remove_companion(*, person_id: UUID, companion_id: UUID, by: Actor) -> bool:
    lock_person(person_id)
    deleted, _ = Companion.objects.filter(person_id=person_id, pk=companion_id).delete()
    if deleted:
        journal("row.erased", model="registrations.companion", row_id=companion_id)
        _note("companion.remove", person_id, "registrations.companion", by)
    return bool(deleted)


@transaction.atomic
def save_family_contact(
    *, person_id: UUID, contact: FamilyAnswer, by: Actor, contact_id: UUID | None = None
) -> bool:
    """Name somebody to call at home, or change one; a new address is told that it is listed.

    False when there is no such contact. Raises TooMany and Objected.
    """
    person = lock_person(person_id)
    listed = person.family_contacts.filter(objected_at=None)
    address = address_of(contact)
    indexes = indexes_of(address) if address else []
    if has_objected(person_id, indexes):
        raise Objected
    if contact_id is None:
        if listed.count() >= FAMILY_LIMIT:
            raise TooMany
        found: FamilyContact | None = FamilyContact(person=person)
    else:
        found = listed.filter(pk=contact_id).first()
    if found is None:
        return False
    if not indexes or found.address_index not in indexes:
        if indexes:
            _take_address(person_id)
        found.told_at = None
    found.name = contact.name
    found.relationship = contact.relationship or None
    found.phone, found.mail = contact.phone or None, contact.mail or None
    found.language = contact.language or person.language
    found.address_index = indexes[0] if indexes else None
    found.save()
    _note(
        "family.change" if contact_id else "family.add",
        person_id,
        "registrations.familycontact",
        by,
    )
    tell_family(person_id=person_id, by=by)
    return True


@transaction.atomic
def remove_family_contact(*, person_id: UUID, contact_id: UUID, by: Actor) -> bool:
    """Erase a family contact. An objection stays: it keeps them from being listed again."""
    person = lock_person(person_id)
    deleted, _ = person.family_contacts.filter(pk=contact_id, objected_at=None).delete()
    if deleted:
        journal("row.erased", model="registrations.familycontact", row_id=contact_id)
        _note("family.remove", person_id, "registrations.familycontact", by)
    return bool(deleted)


def _take_address(person_id: UUID) -> None:
    """Count somebody who will be written to on this person's word. Raises TooMany."""
    limit = NEW_ADDRESSES_PER_DAY
    if not take_turn("strangers", str(person_id), limit=limit, seconds=_DAY):
        raise TooMany


def _note(action: str, person_id: UUID, object_type: str, by: Actor) -> None:
    record(
        action=action,
        by=by,
        purpose=Purpose.REGISTRATION,
        subjects=[person_id],
        object_type=object_type,
    )
