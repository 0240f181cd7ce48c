"""What someone says of another person: a report, until that person agrees, refuses or is erased."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit.actors import Actor
from audit.journal import journal
from audit.ledger import record
from audit.purposes import Purpose
from registrations.actions.erasing import erase_person
from registrations.actions.inviting import send_invitations
from registrations.actions.keys import addresses_of, index_person
from registrations.actions.people import stay_columns
from registrations.answers import OPEN_END, ContactAnswer, StayAnswer
from registrations.contacts import index_of, value_of
from registrations.enums import REPORTED, Source
from registrations.invitations import invitation_indexes, is_reported, scope_of
from registrations.models import (
    Companion,
    ContactPoint,
    Group,
    Invitation,
    Person,
    Report,
    Stay,
)
from registrations.people_standing import provenance_of

_YEAR = dt.timedelta(days=365)


@transaction.atomic
def report_person(
    *,
    source: Source,
    name: str,
    language: str,
    contacts: Sequence[ContactAnswer],
    stays: Sequence[StayAnswer],
    by: Actor,
    group: Group | None = None,
    named_by: Person | None = None,
    crisis_id: UUID | None = None,
    reporter: Mapping[str, str] | None = None,
    note: str = "",
    invite: bool = True,
) -> Person:
    """Save what someone says of a person, and invite that person once to say it themselves.

    The addresses stay unproved: they sign nobody in. One that refused an invitation from the same
    side is left out. `reporter` is {"name", "contact", "relationship"}, where it was no group.
    """
    person = save_report(
        source=source,
        name=name,
        language=language,
        contacts=contacts,
        stays=stays,
        report=Report(
            source=source,
            group=group,
            named_by=named_by,
            crisis_id=crisis_id,
            reporter=dict(reporter) if reporter else None,
            note=note or None,
        ),
    )
    record(
        action="report.receive",
        by=by,
        purpose=Purpose.CRISIS if crisis_id else Purpose.REGISTRATION,
        subjects=[person.pk],
        object_type="registrations.person",
        details={"source": str(source), "contacts": len(contacts), "stays": len(stays)},
    )
    if invite:
        send_invitations(people=[person.pk])
    return person


def save_report(
    *,
    source: Source,
    name: str,
    language: str,
    contacts: Sequence[ContactAnswer],
    stays: Sequence[StayAnswer],
    report: Report,
    document_number: str = "",
    birth_date: dt.date | None = None,
) -> Person:
    """Save the person with an unsaved report about them; the caller records and invites.

    Raises ValueError for a source that reports nobody.
    """
    if source not in REPORTED:
        raise ValueError("What people say of themselves is a registration, not a report.")
    now = timezone.now()
    person = Person(
        name=name,
        language=language,
        source=source,
        document_number=document_number or None,
        birth_date=birth_date,
        created_at=now,
        confirmed_at=now,
    )
    person.save(force_insert=True)
    scope = scope_of(report)
    given = {index_of(value_of(item.channel, item.address)): item for item in contacts}
    invited = _invited(scope, contacts)
    points = [
        ContactPoint(
            person=person,
            channel=item.channel,
            address=item.address,
            address_index=index,
            works_abroad=item.works_abroad,
            created_at=now,
        )
        for index, item in given.items()
        if not invited.get(index)
    ]
    ContactPoint.objects.bulk_create(points)
    Stay.objects.bulk_create(
        Stay(person=person, confirmed_at=now, **stay_columns(stay)) for stay in stays
    )
    report.person = person
    report.reported_at = now
    report.save(force_insert=True)
    # An address that this side has invited already keeps its one invitation.
    Invitation.objects.bulk_create(
        [
            Invitation(
                index=invitation_indexes(scope, value_of(point.channel, point.address))[0],
                contact_point=point,
                created_at=now,
                keep_until=_keep_until(stays),
            )
            for point in points
            if bytes(point.address_index) not in invited
        ],
        ignore_conflicts=True,
    )
    index_person(person, stays, addresses_of(points))
    return person


@transaction.atomic
def adopt_report(*, report_id: UUID, person_id: UUID, by: Actor) -> bool:
    """Give a report to the person who registered because of it; what it said is erased.

    Their own registration is their word, so nothing of the reported one is taken over but where
    it came from. False when it was erased, or answered, meanwhile.
    """
    report = Report.objects.select_related("person").filter(pk=report_id).first()
    if report is None or report.agreed_at or report.person_id == person_id:
        return False
    # In one order, as merging locks them.
    people = {
        found.pk: found
        for found in Person.objects.select_for_update(of=("self",))
        .filter(pk__in=[report.person_id, person_id])
        .order_by("pk")
    }
    shell, person = people.get(report.person_id), people.get(person_id)
    if shell is None or person is None:
        return False
    if not is_reported(shell):
        # An officer has merged it into another registration, where it stays.
        Report.objects.filter(pk=report_id).update(agreed_at=timezone.now())
        return False
    now = timezone.now()
    reports = provenance_of(shell.pk)
    for item in reports:
        # Opened for the former person, and sealed again for the new one.
        _opened = (item.reporter, item.note)
        item.person = person
        item.agreed_at = now
        item.save(update_fields=["person", "reporter", "note", "agreed_at"])
    if person.group_id is None and report.group_id:
        person.group_id = report.group_id
        person.save(update_fields=["group"])
    Companion.objects.filter(invited=shell).update(invited=person, agreed_at=now)
    record(
        action="report.adopt",
        by=by,
        purpose=Purpose.REGISTRATION,
        subjects=[person.pk],
        object_type="registrations.person",
        details={"reports": len(reports)},
    )
    erase_person(person_id=shell.pk, by=by, purpose=Purpose.REGISTRATION, successor=person.pk)
    return True


@transaction.atomic
def refuse_report(*, contact_point_id: UUID, by: Actor) -> bool:
    """Erase a reported person because the address that was written to says that it is wrong.

    What stays is the index of the address within that group (or companion, or relative), so that
    it is neither written to nor kept again from there. False when there is nothing to refuse.
    """
    point = ContactPoint.objects.select_related("person").filter(pk=contact_point_id).first()
    if point is None or point.verified_at or not is_reported(point.person):
        return False
    reports = provenance_of(point.person_id)
    refused = Invitation.objects.filter(
        index__in=[
            index
            for item in reports
            for index in invitation_indexes(scope_of(item), value_of(point.channel, point.address))
        ]
    )
    for invitation_id in refused.values_list("pk", flat=True):
        journal("invitation.refused", row_id=invitation_id)
    refused.update(refused_at=timezone.now(), contact_point=None)
    record(
        action="report.refuse",
        by=by,
        purpose=Purpose.RIGHTS,
        subjects=[point.person_id],
        object_type="registrations.person",
    )
    return erase_person(person_id=point.person_id, by=by)


def has_refused(*, group: Group, contacts: Sequence[ContactAnswer]) -> bool:
    """Whether an address among these has told this group's reports to go."""
    return any(_invited(f"group:{group.pk}", contacts).values())


def _invited(scope: str, contacts: Sequence[ContactAnswer]) -> dict[bytes, bool]:
    """Which of these addresses this side has invited, by their index, and whether they refused."""
    values = [value_of(item.channel, item.address) for item in contacts]
    asked = {
        index: index_of(value) for value in values for index in invitation_indexes(scope, value)
    }
    found = Invitation.objects.filter(index__in=list(asked))
    invited: dict[bytes, bool] = {}
    for index, refused_at in found.values_list("index", "refused_at"):
        address = asked[bytes(index)]
        invited[address] = invited.get(address, False) or refused_at is not None
    return invited


def _keep_until(stays: Sequence[StayAnswer]) -> dt.date:
    """As long as the journey is kept, or a year where it has no end."""
    today = timezone.now().date()
    ends = [stay.ends_on for stay in stays if stay.ends_on != OPEN_END]
    if not ends or len(ends) < len(stays):
        return today + _YEAR
    return max(*ends, today) + dt.timedelta(days=settings.STAY_RETENTION_DAYS)
