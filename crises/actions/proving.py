"""Sending the message that proves an address given in a crisis; some have to wait."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from crises.enums import CrisisState
from crises.models import Submission
from crises.proofs import PURPOSE, proof_text
from notifications.actions import queue_one
from notifications.enums import Lane
from notifications.models import Delivery
from registrations.contacts import typed_value_of
from registrations.limits import take_send
from registrations.models import ContactPoint, Person

_SENT_FOR = timedelta(days=3)
# Waiting proofs are sent by the portal itself: no network of anybody's is to be counted.
_SWEEPER = "waiting-proofs"


def send_proofs(submission: Submission, *, network: str) -> bool:
    """Queue a message to each unproved address of the person; False when some must wait.

    They are limited as codes are, for an address may be a stranger's, and text messages cost.
    """
    person = Person.objects.filter(pk=submission.person_id).first()
    if person is None:
        return True
    # Of two addresses one may have had to wait: the other is not written to again.
    written_to = Delivery.objects.filter(message__context_id=submission.pk).values("recipient_id")
    points = ContactPoint.objects.filter(
        person=person, verified_at__isnull=True, replaced_at__isnull=True
    ).exclude(pk__in=written_to)
    told = [_send(submission, person, point, network) for point in points.order_by("pk")]
    return all(told)


def send_waiting_proofs(*, batch: int = 200) -> int:
    """Send what had to wait, while its crisis is open; return for how many submissions."""
    waiting = Submission.objects.filter(
        proof_waits=True, crisis__state=CrisisState.OPEN
    ).select_related("crisis__post")
    sent = 0
    for submission in waiting.order_by("sent_at", "pk")[:batch]:
        with transaction.atomic():
            locked = Submission.objects.select_for_update(skip_locked=True).filter(
                pk=submission.pk, proof_waits=True
            )
            if locked.first() is None or not send_proofs(submission, network=_SWEEPER):
                continue
            locked.update(proof_waits=False)
            sent += 1
    return sent


def _send(submission: Submission, person: Person, point: ContactPoint, network: str) -> bool:
    value = typed_value_of(point.channel, point.address)
    if take_send(value, draft=str(submission.pk), network=network):
        return False
    queue_one(
        purpose=PURPOSE,
        lane=Lane.VERIFICATION,
        recipient_id=point.pk,
        subject_id=person.pk,
        channel=point.channel,
        language=person.language,
        texts=[proof_text(submission.crisis, person.language)],
        expires_at=timezone.now() + _SENT_FOR,
        context_id=submission.pk,
    )
    return True
