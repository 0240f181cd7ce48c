"""What providers say of people's addresses: that one does not exist, or that its owner complained.

An address that bounced is still written to in a crisis: better one try too many.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose
from notifications.models import Delivery
from registrations.actions.consenting import withdraw_consent
from registrations.enums import ConsentPurpose
from registrations.models import ContactPoint
from registrations.people_standing import standing

_BY = Actor.system("dispatch")


def take_bounces(*, delivery_ids: Sequence[UUID]) -> int:
    """Mark the addresses of these deliveries as not working; returns how many were not marked.

    One that was proved after it was written to works again, whatever comes late.
    """
    sent = Delivery.objects.filter(pk__in=delivery_ids).order_by("pk")
    return sum(
        _mark(recipient_id, created_at)
        for recipient_id, created_at in sent.values_list("recipient_id", "created_at")
    )


@transaction.atomic
def _mark(contact_point_id: UUID, sent_at: object) -> int:
    point = ContactPoint.objects.filter(
        Q(verified_at=None) | Q(verified_at__lt=sent_at),
        Q(undeliverable_since=None) | Q(undeliverable_since__lt=F("verified_at")),
        pk=contact_point_id,
    )
    found = point.select_for_update().values_list("person_id", "channel").first()
    if found is None:
        return 0
    ContactPoint.objects.filter(pk=contact_point_id).update(undeliverable_since=timezone.now())
    person_id, channel = found
    record(
        action="contact.bounce",
        by=_BY,
        purpose=Purpose.REGISTRATION,
        subjects=[person_id],
        object_type="registrations.contactpoint",
        object_id=contact_point_id,
        details={"channel": channel},
    )
    return 1


def take_complaints(*, delivery_ids: Sequence[UUID]) -> int:
    """Send those who complained no more advice; returns how many had agreed to it.

    A crisis's notices rest on another consent, which only its giver withdraws.
    """
    sent = Delivery.objects.filter(pk__in=delivery_ids, subject_id__isnull=False)
    people = {standing(one) for one in sent.values_list("subject_id", flat=True) if one}
    return sum(
        withdraw_consent(person_id=person_id, purpose=ConsentPurpose.ADVICE, by=_BY)
        for person_id in sorted(people)
    )
