"""No more notices of one crisis for one person: as easily taken back as asked for."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from audit import ledger
from audit.actors import Actor
from audit.journal import journal
from crises.actions.refusals import purpose_of
from crises.links import AnswerLink
from crises.models import Crisis, Stopped
from notifications.actions import cancel_for_subject
from registrations.actions import refuse_report
from registrations.actions.unproved import disown_address
from registrations.people_standing import shells_of


@transaction.atomic
def stop_for_person(*, crisis: Crisis, person_id: UUID, by: Actor | None = None) -> bool:
    """Send this person nothing more of this crisis; False when that was so already.

    What waits is cancelled. Whatever is being prepared meanwhile is withheld by its source.
    """
    _row, is_new = Stopped.objects.get_or_create(crisis=crisis, person_id=person_id)
    if not is_new:
        return False
    cancelled = cancel_for_subject(crisis.pk, person_id, reason="stopped")
    journal("crisis.stopped", person_id=person_id, row_id=crisis.pk)
    _record("crisis.stop_for_person", crisis, person_id, by, {"cancelled": cancelled})
    return True


@transaction.atomic
def undo_stop(*, crisis: Crisis, person_id: UUID, by: Actor | None = None) -> bool:
    """Send this person the notices of this crisis again; False when they were not stopped.

    What was said through a registration that was merged into this one is taken back with it.
    """
    people = {person_id, *shells_of(person_id)}
    deleted, _rows = Stopped.objects.filter(crisis=crisis, person_id__in=people).delete()
    if deleted:
        journal("crisis.resumed", person_id=person_id, row_id=crisis.pk)
        _record("crisis.undo_stop", crisis, person_id, by, {})
    return bool(deleted)


def _record(
    action: str, crisis: Crisis, person_id: UUID, by: Actor | None, details: dict[str, int]
) -> None:
    ledger.record(
        action=action,
        by=by or Actor.traveller(person_id),
        purpose=purpose_of(crisis),
        subjects=[person_id],
        object_type="crises.crisis",
        object_id=crisis.pk,
        details=details,
    )


@transaction.atomic
def erase_reported(*, link: AnswerLink) -> bool:
    """Erase what others said of whoever reads an unproved address, because its reader asks.

    A registration that someone made in a crisis loses the address alone. False when there is
    nothing to erase, or the address has been proved: its registration is erased there.
    """
    if not link.is_unproved():
        return False
    by = Actor.traveller(link.person_id)
    point = link.contact_point_id
    return refuse_report(contact_point_id=point, by=by) or disown_address(
        contact_point_id=point, person_id=link.person_id, by=by
    )
