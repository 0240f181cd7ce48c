"""Who travels along: saved with whoever named them, or invited to agree for themselves."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.utils import timezone

from audit.actors import Actor
from notifications.enums import Channel
from registrations.answers import Answers, CompanionAnswer, ContactAnswer, StayAnswer
from registrations.consent_texts import COMPANION, current_text
from registrations.enums import CompanionConsent, Source, StayKind
from registrations.models import Companion, Person


def save_companions(*, person: Person, answers: Answers, by: Actor) -> None:
    """Save the companions of a registration, in the transaction of their person."""
    Companion.objects.bulk_create(
        _companion(person, given, _invite(given, person=person, answers=answers, by=by))
        for given in answers.companions
    )


def _companion(person: Person, given: CompanionAnswer, invited: Person | None) -> Companion:
    now = timezone.now()
    return Companion(
        person=person,
        name=given.name,
        birth_date=given.birth_date,
        is_minor=given.is_minor,
        consent=given.consent,
        text_version=current_text(COMPANION).version,
        invited=invited,
        agreed_at=None if invited else now,
        created_at=now,
    )


def _invite(
    given: CompanionAnswer, *, person: Person, answers: Answers, by: Actor
) -> Person | None:
    """Report a companion who agrees for themselves; None for one who agreed already."""
    if given.consent != CompanionConsent.INVITED:
        return None
    # Reporting saves people as registering does, so the two modules know each other.
    from registrations.actions.reporting import report_person

    addresses = ((Channel.MAIL, given.mail), (Channel.SMS, given.phone))
    return report_person(
        source=Source.COMPANION,
        name=given.name,
        language=answers.language,
        contacts=[
            ContactAnswer(channel=channel.value, address=address)
            for channel, address in addresses
            if address
        ],
        stays=[_shared(stay) for stay in answers.stays],
        by=by,
        named_by=person,
    )


def _shared(stay: StayAnswer) -> StayAnswer:
    """What a stay says of everybody on the journey: not whose lodging or employer it is."""
    is_voyage = stay.kind == StayKind.VOYAGE
    return replace(
        stay,
        exact_address="",
        purpose="",
        aboard_or_with=stay.aboard_or_with if is_voyage else "",
    )


def adopt(*, report_id: str, person: Person, by: Actor) -> None:
    """Tie the report that was answered to the registration that answers it."""
    from registrations.actions.reporting import adopt_report

    adopt_report(report_id=UUID(report_id), person_id=person.pk, by=by)
