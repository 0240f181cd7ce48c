"""How a person is reached: a new address is proved before it counts, the old one is told."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actors import Actor
from audit.journal import journal
from audit.ledger import record
from audit.purposes import Purpose
from registrations.actions.changing import OnlyOne, TooMany, lock_person
from registrations.actions.drafts import erase_draft, lock_draft
from registrations.actions.keys import reindex_person
from registrations.actions.telling import tell_replaced
from registrations.contacts import index_of, indexes_of, value_of
from registrations.enums import TYPED_CHANNELS
from registrations.models import ContactPoint, Person
from registrations.querysets import ContactPointQuerySet

CONTACT_LIMIT = 6


@transaction.atomic
def take_proved_contact(
    *, person_id: UUID, draft_id: UUID, replaced_id: UUID | None, by: Actor
) -> ContactPoint | None:
    """Keep the address that a draft has proved, in the place of another if one is named.

    The other stops counting at once, and is told that it was replaced. None when nothing was
    proved. Raises DraftGone and TooMany.
    """
    person = lock_person(person_id)
    _draft, answers = lock_draft(draft_id)
    if not answers.proved:
        return None
    given = answers.proved[0]
    indexes = indexes_of(value_of(given.channel, given.address))
    old = _current(person).filter(pk=replaced_id).first() if replaced_id else None
    same = _current(person).filter(address_index__in=indexes).first()
    if same is None and old is None and _current(person).count() >= CONTACT_LIMIT:
        raise TooMany
    if same is None:
        same = ContactPoint.objects.create(
            person=person,
            channel=given.channel,
            address=given.address,
            address_index=indexes[0],
            verified_at=given.verified_at,
            works_abroad=old.works_abroad if old else True,
        )
    elif same.verified_at is None:
        same.verified_at = given.verified_at
        same.save(update_fields=["verified_at"])
    if old is not None and old.pk != same.pk:
        ContactPoint.objects.filter(pk=old.pk).update(verified_at=None, replaced_at=timezone.now())
        tell_replaced(contact_point_id=old.pk)
        journal("row.erased", person_id=person_id, model=old._meta.label_lower, row_id=old.pk)
    erase_draft(draft_id=draft_id)
    _note("contact.replace" if old else "contact.add", person_id, given.channel, by)
    return same


@transaction.atomic
def add_untyped_contact(*, person_id: UUID, channel: str, address: str, by: Actor) -> ContactPoint:
    """Keep where a channel reaches somebody who is signed in: a browser, a chat.

    It needs no code: only what is in the person's hands could give it. What is kept already stays.
    Raises TooMany.
    """
    person = lock_person(person_id)
    value = value_of(channel, address)
    known = _current(person).filter(channel=channel, address_index__in=indexes_of(value)).first()
    if known is not None:
        return known
    if _current(person).count() >= CONTACT_LIMIT:
        raise TooMany
    added = ContactPoint.objects.create(
        person=person,
        channel=channel,
        address=address,
        address_index=index_of(value),
        verified_at=timezone.now(),
    )
    _note("contact.add", person_id, channel, by)
    return added


@transaction.atomic
def remove_contact(*, person_id: UUID, contact_id: UUID, by: Actor) -> bool:
    """Stop using an address, and tell it so. Raises OnlyOne for the last that is proved with a
    code: nobody signs in by a browser."""
    person = lock_person(person_id)
    found = _current(person).filter(pk=contact_id).first()
    if found is None:
        return False
    if found.verified_at is None:
        found.delete()
    elif found.channel in TYPED_CHANNELS and _current(person).typed().proved().count() == 1:
        raise OnlyOne
    else:
        ContactPoint.objects.filter(pk=found.pk).update(
            verified_at=None, replaced_at=timezone.now()
        )
        tell_replaced(contact_point_id=found.pk)
    journal("row.erased", person_id=person_id, model=found._meta.label_lower, row_id=contact_id)
    _note("contact.remove", person_id, found.channel, by)
    return True


@transaction.atomic
def say_where_contact_works(
    *, person_id: UUID, contact_id: UUID, works_abroad: bool, by: Actor
) -> bool:
    """Say whether an address works abroad. False when nothing changed."""
    person = lock_person(person_id)
    changed = (
        _current(person)
        .filter(pk=contact_id, works_abroad=not works_abroad)
        .update(works_abroad=works_abroad)
    )
    if changed:
        _note("contact.change", person_id, "", by)
    return bool(changed)


def _current(person: Person) -> ContactPointQuerySet:
    return person.contact_points.filter(replaced_at=None)


def _note(action: str, person_id: UUID, channel: str, by: Actor) -> None:
    reindex_person(person_id=person_id)
    record(
        action=action,
        by=by,
        purpose=Purpose.REGISTRATION,
        subjects=[person_id],
        object_type="registrations.contactpoint",
        details={"channel": channel} if channel else {},
    )
