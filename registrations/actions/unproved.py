"""People who registered themselves in a crisis before their address could be proved."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actors import Actor
from audit.journal import journal
from audit.ledger import record
from audit.purposes import Purpose
from registrations.actions.keys import addresses_of, index_person
from registrations.actions.people import stay_columns
from registrations.answers import ContactAnswer, StayAnswer
from registrations.consent_texts import CRISIS_FORM, current_text
from registrations.contacts import index_of, value_of
from registrations.enums import ConsentPurpose, Source
from registrations.models import Consent, ContactPoint, Person, Report, Stay


@transaction.atomic
def register_unproved(
    *,
    name: str,
    language: str,
    contacts: Sequence[ContactAnswer],
    stays: Sequence[StayAnswer],
    crisis_id: UUID,
    note: str,
    by: Actor,
) -> Person:
    """Save someone who is in a crisis at once, and their consent to be contacted in it.

    Their addresses are unproved: they sign nobody in, and no notice goes there until they are
    proved. Nobody is looked up; officers find whom this may be among the duplicates.
    """
    now = timezone.now()
    person = Person(
        name=name, language=language, source=Source.CRISIS, created_at=now, confirmed_at=now
    )
    person.save(force_insert=True)
    points = [
        ContactPoint(
            person=person,
            channel=item.channel,
            address=item.address,
            address_index=index_of(value_of(item.channel, item.address)),
            works_abroad=item.works_abroad,
            created_at=now,
        )
        for item in contacts
    ]
    ContactPoint.objects.bulk_create(points)
    Stay.objects.bulk_create(
        Stay(person=person, confirmed_at=now, **stay_columns(stay)) for stay in stays
    )
    Consent.objects.create(
        person=person,
        purpose=ConsentPurpose.CRISIS_CONTACT,
        text_version=current_text(CRISIS_FORM).version,
        language=language,
        given_at=now,
    )
    Report.objects.create(
        person=person,
        source=Source.CRISIS,
        crisis_id=crisis_id,
        note=note or None,
        reported_at=now,
    )
    index_person(person, stays, addresses_of(points))
    record(
        action="registration.begin_in_crisis",
        by=by,
        purpose=Purpose.CRISIS,
        subjects=[person.pk],
        object_type="registrations.person",
        details={"contacts": len(points), "stays": len(stays), "crisis": crisis_id},
    )
    return person


@transaction.atomic
def prove_address(*, contact_point_id: UUID, person_id: UUID, by: Actor) -> bool:
    """Take an address as proved by whoever reads its mail; False when it is no longer there.

    Done again, it changes nothing. One that this person gave up, or that a merge has taken to
    another registration, is not proved: it would sign its reader in there.
    """
    point = _locked(contact_point_id, person_id)
    if point is None:
        return False
    if point.verified_at is not None:
        return True
    now = timezone.now()
    ContactPoint.objects.filter(pk=point.pk).update(verified_at=now)
    Report.objects.filter(
        person_id=point.person_id, source=Source.CRISIS, agreed_at__isnull=True
    ).update(agreed_at=now)
    _record("contact.prove", point, by)
    return True


@transaction.atomic
def disown_address(*, contact_point_id: UUID, person_id: UUID, by: Actor) -> bool:
    """Erase an address whose reader never registered with it; False when it is proved or gone.

    The registration stays: in need, people mistype their own number.
    """
    point = _locked(contact_point_id, person_id)
    if point is None or point.verified_at is not None:
        return False
    _record("contact.disown", point, by)
    journal("row.erased", person_id=person_id, model=point._meta.label_lower, row_id=point.pk)
    point.delete()
    return True


def _locked(contact_point_id: UUID, person_id: UUID) -> ContactPoint | None:
    return (
        ContactPoint.objects.select_for_update()
        .filter(pk=contact_point_id, person_id=person_id, replaced_at__isnull=True)
        .first()
    )


def _record(action: str, point: ContactPoint, by: Actor) -> None:
    record(
        action=action,
        by=by,
        purpose=Purpose.VERIFICATION,
        subjects=[point.person_id],
        object_type="registrations.contactpoint",
        object_id=point.pk,
        details={"channel": point.channel},
    )
