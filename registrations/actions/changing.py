"""What people change of themselves: their own facts, and their stays."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actors import Actor
from audit.journal import journal
from audit.ledger import record
from audit.purposes import Purpose
from registrations.actions.keys import reindex_person
from registrations.actions.people import stay_columns
from registrations.answers import STAY_LIMIT, StayAnswer
from registrations.enums import ConsentPurpose
from registrations.models import Person, Stay


class NotAgreed(Exception):
    """This is kept only under a consent of its own, which does not stand."""


class OnlyOne(Exception):
    """What is to go is the last of its kind, and a registration cannot be without."""


class TooMany(Exception):
    """There are as many as can be kept."""


@transaction.atomic
def change_facts(
    *,
    person_id: UUID,
    name: str,
    language: str,
    document_number: str,
    birth_date: dt.date | None,
    by: Actor,
) -> bool:
    """Correct who a person is; empty removes what may be empty. False when nothing changed."""
    given = {
        "name": name,
        "language": language,
        "document_number": document_number or None,
        "birth_date": birth_date,
    }
    return _change(person_id, given, by)


@transaction.atomic
def change_needs(*, person_id: UUID, needs: str, by: Actor) -> bool:
    """Keep a person's medical or mobility needs; empty removes them. Raises NotAgreed."""
    lock_person(person_id)  # A consent that is being taken back waits, or is seen to be gone.
    if needs:
        _must_agree(person_id, ConsentPurpose.NEEDS)
    return _change(person_id, {"needs": needs or None}, by)


@transaction.atomic
def change_statistics(*, person_id: UUID, gender: str, home_region: str, by: Actor) -> bool:
    """Keep what only statistics use; empty removes it. Raises NotAgreed."""
    lock_person(person_id)
    if gender or home_region:
        _must_agree(person_id, ConsentPurpose.STATISTICS)
    return _change(person_id, {"gender": gender or None, "home_region": home_region or None}, by)


@transaction.atomic
def leave_group(*, person_id: UUID, by: Actor) -> bool:
    """End a person's tie to their group. The group is told nothing and counts nothing."""
    person = lock_person(person_id)
    if person.group_id is None:
        return False
    person.group = None
    person.save(update_fields=["group"])
    journal("group.left", person_id=person_id)
    _note("registration.leave_group", person_id, by)
    return True


@transaction.atomic
def add_stay(*, person_id: UUID, stay: StayAnswer, by: Actor) -> Stay:
    """Add a stay; the same one sent twice counts once. Raises TooMany."""
    person = lock_person(person_id)
    columns = stay_columns(stay)
    # What is sealed cannot be compared by the database.
    plain = {
        name: value
        for name, value in columns.items()
        if name not in {"exact_address", "aboard_or_with"}
    }
    for known in person.stays.filter(**plain):
        if known.exact_address == columns["exact_address"]:
            return known
    if person.stays.count() >= STAY_LIMIT:
        raise TooMany
    added = Stay.objects.create(person=person, **columns)
    _touch_stays(person_id, "stay.add", by)
    return added


@transaction.atomic
def change_stay(*, person_id: UUID, stay_id: UUID, stay: StayAnswer, by: Actor) -> bool:
    """Put other answers in the place of a stay's. False when the person has no such stay."""
    person = lock_person(person_id)
    found = person.stays.filter(pk=stay_id).first()
    if found is None:
        return False
    for name, value in stay_columns(stay).items():
        setattr(found, name, value)
    found.planned_end = found.reminded_at = found.asked_at = None
    found.asked_in_vain = 0
    found.confirmed_at = timezone.now()
    found.save()
    _touch_stays(person_id, "stay.change", by)
    return True


@transaction.atomic
def remove_stay(*, person_id: UUID, stay_id: UUID, by: Actor) -> bool:
    """Erase one stay. Raises OnlyOne for the last: a registration lasts as long as its stays."""
    person = lock_person(person_id)
    if not person.stays.filter(pk=stay_id).exists():
        return False
    if person.stays.count() == 1:
        raise OnlyOne
    person.stays.filter(pk=stay_id).delete()
    journal("row.erased", person_id=person_id, model="registrations.stay", row_id=stay_id)
    _touch_stays(person_id, "stay.remove", by)
    return True


def lock_person(person_id: UUID) -> Person:
    """The person, locked until the transaction ends. Raises Person.DoesNotExist."""
    return Person.objects.select_for_update(of=("self",)).get(pk=person_id)


def has_consent(person_id: UUID, purpose: ConsentPurpose) -> bool:
    return Person.objects.filter(pk=person_id).with_consent(purpose).exists()


def _must_agree(person_id: UUID, purpose: ConsentPurpose) -> None:
    if not has_consent(person_id, purpose):
        raise NotAgreed


def _change(person_id: UUID, given: dict[str, Any], by: Actor) -> bool:
    person = lock_person(person_id)
    changed = sorted(name for name, value in given.items() if getattr(person, name) != value)
    if not changed:
        return False
    for name in changed:
        setattr(person, name, given[name])
        if given[name] is None:
            journal("fact.erased", person_id=person_id, code=name)
    person.save(update_fields=changed)
    if {"name", "document_number", "birth_date"} & set(changed):
        reindex_person(person_id=person_id)
    _note("registration.change", person_id, by, fields=changed)
    return True


def _touch_stays(person_id: UUID, action: str, by: Actor) -> None:
    Person.objects.filter(pk=person_id).update(confirmed_at=timezone.now())
    reindex_person(person_id=person_id)
    _note(action, person_id, by, object_type="registrations.stay")


def _note(
    action: str,
    person_id: UUID,
    by: Actor,
    object_type: str = "registrations.person",
    **details: Any,
) -> None:
    record(
        action=action,
        by=by,
        purpose=Purpose.REGISTRATION,
        subjects=[person_id],
        object_type=object_type,
        details=details,
    )
