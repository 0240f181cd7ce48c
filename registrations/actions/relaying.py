"""Focal points: people who agree to pass word on in their community."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actors import Actor
from audit.journal import journal
from audit.ledger import record
from audit.purposes import Purpose
from geography.models import Place
from registrations.actions.changing import lock_person
from registrations.consent_texts import RELAY, current_text
from registrations.models import FocalPoint


@transaction.atomic
def agree_to_relay(*, person_id: UUID, place: Place, community: str, by: Actor) -> FocalPoint:
    """Make a person a focal point there, or move and renew what they agreed to before."""
    person = lock_person(person_id)
    point = FocalPoint.objects.filter(person=person).first() or FocalPoint(person=person)
    point.place = place
    point.country = place.country
    point.community = community or None
    point.text_version = current_text(RELAY).version
    point.agreed_at = timezone.now()
    point.save()
    _note("focal_point.agree", person_id, by)
    return point


@transaction.atomic
def stop_relaying(*, person_id: UUID, by: Actor) -> bool:
    """Take it back: from now on no word to pass on is sent. False if they were none."""
    lock_person(person_id)
    deleted, _ = FocalPoint.objects.filter(person_id=person_id).delete()
    if deleted:
        journal("relaying.stopped", person_id=person_id)
        _note("focal_point.stop", person_id, by)
    return bool(deleted)


def _note(action: str, person_id: UUID, by: Actor) -> None:
    record(
        action=action,
        by=by,
        purpose=Purpose.REGISTRATION,
        subjects=[person_id],
        object_type="registrations.focalpoint",
    )
