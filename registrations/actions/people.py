"""People: registered once, from answers that were validated before."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose
from registrations.actions.companions import adopt, save_companions
from registrations.actions.drafts import DraftGone, lock_draft
from registrations.actions.keys import index_person
from registrations.answers import Answers, StayAnswer
from registrations.consent_texts import current_text
from registrations.contacts import address_of, index_of, value_of
from registrations.models import (
    Challenge,
    Consent,
    ContactPoint,
    Draft,
    FamilyContact,
    Group,
    Person,
    Stay,
)


class Incomplete(Exception):
    """A step still needs an answer."""

    def __init__(self, step: str) -> None:
        super().__init__(step)
        self.step = step


@transaction.atomic
def complete_registration(*, draft: Draft, by: Actor) -> Person:
    """Turn a draft into a person, once: sent again, it returns the person that it became.

    Raises Incomplete, or DraftGone when it has expired.
    """
    try:
        locked, answers = lock_draft(draft.pk)
    except DraftGone:
        person = Person.objects.filter(pk=draft.pk).first()
        if person is None:
            raise
        return person
    missing = answers.missing_step()
    if missing:
        raise Incomplete(missing)
    person = register(answers=answers, by=by, person_id=locked.pk)
    if answers.report_id:
        adopt(report_id=answers.report_id, person=person, by=by)
    Challenge.objects.filter(draft=locked).delete()
    # The raw delete asks for nothing that could hang on the draft: its challenges just went.
    Draft.objects.filter(pk=locked.pk)._raw_delete("default")
    return person


# No savepoint: what fails here fails the whole completion, and each one costs two round trips.
@transaction.atomic(savepoint=False)
def register(
    *, answers: Answers, by: Actor, person_id: UUID | None = None, tell: bool = True
) -> Person:
    """Save a person from answers that were validated before.

    Only proved contacts are kept, and nothing whose own consent was not given. Family contacts
    are told soon after, unless `tell` is False because they are invented or know already.
    """
    answers = answers.without_unagreed()
    now = timezone.now()
    person = Person(
        id=person_id or uuid4(),
        name=answers.name,
        language=answers.language,
        document_number=answers.document_number or None,
        birth_date=answers.birth_date,
        needs=answers.needs or None,
        gender=answers.gender or None,
        home_region=answers.home_region or None,
        group_id=_standing_group(answers.group_id),
        created_at=now,
        confirmed_at=now,
    )
    person.save(force_insert=True)
    ContactPoint.objects.bulk_create(
        ContactPoint(
            person=person,
            channel=contact.channel,
            address=contact.address,
            address_index=index_of(value_of(contact.channel, contact.address)),
            verified_at=contact.verified_at,
            works_abroad=contact.works_abroad,
            created_at=now,
        )
        for contact in answers.proved
    )
    Stay.objects.bulk_create(
        Stay(person=person, confirmed_at=now, **stay_columns(stay)) for stay in answers.stays
    )
    FamilyContact.objects.bulk_create(
        FamilyContact(
            person=person,
            name=contact.name,
            relationship=contact.relationship or None,
            phone=contact.phone or None,
            mail=contact.mail or None,
            address_index=index_of(address) if (address := address_of(contact)) else None,
            language=contact.language or answers.language,
            # Without a mark, the next round of telling finds them: nothing is queued here.
            told_at=None if tell else now,
            created_at=now,
        )
        for contact in answers.family
    )
    if answers.companions:
        save_companions(person=person, answers=answers, by=by)
    Consent.objects.bulk_create(
        Consent(
            person=person,
            purpose=purpose,
            text_version=current_text(purpose).version,
            language=answers.language,
            given_at=now,
        )
        for purpose in sorted(answers.consents)
    )
    index_person(
        person,
        answers.stays,
        [value_of(item.channel, item.address) for item in answers.proved],
    )
    record(
        action="registration.complete",
        by=by,
        purpose=Purpose.REGISTRATION,
        subjects=[person.pk],
        object_type="registrations.person",
        details={
            "stays": len(answers.stays),
            "contacts": len(answers.proved),
            "companions": len(answers.companions),
        },
    )
    return person


def _standing_group(group_id: str) -> UUID | None:
    """The group whose link was followed, unless it was erased meanwhile."""
    if not group_id:
        return None
    return Group.objects.filter(pk=group_id).values_list("pk", flat=True).first()


def stay_columns(stay: StayAnswer) -> dict[str, Any]:
    """The columns of a saved stay."""
    return {
        "kind": stay.kind,
        "precision": stay.precision,
        "place_id": stay.place_id,
        "cell": stay.cell,
        "country": stay.country,
        "admin1": stay.admin1,
        "time_zone": stay.time_zone,
        "starts_on": stay.starts_on,
        "ends_on": stay.ends_on,
        "exact_address": stay.exact_address or None,
        "purpose": stay.purpose,
        "aboard_or_with": stay.aboard_or_with or None,
    }
