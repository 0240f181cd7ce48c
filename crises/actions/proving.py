"""Sending the message that proves an address given in a crisis, and taking the proof."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from audit import ledger
from audit.actors import Actor
from crises.actions.refusals import purpose_of
from crises.enums import CrisisState
from crises.models import Submission
from crises.proofs import PURPOSE, ProofLink, proof_text
from notifications.actions import queue_one
from notifications.enums import Lane
from registrations.contacts import value_of
from registrations.enums import Source
from registrations.limits import take_send
from registrations.models import ContactPoint, Person, Report

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
    points = ContactPoint.objects.filter(
        person=person, verified_at__isnull=True, replaced_at__isnull=True
    )
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


@transaction.atomic
def prove_contact(*, link: ProofLink) -> bool:
    """Take the address as proved by whoever reads its mail; False when it is no longer there.

    Nobody is signed in by it. Done again, it changes nothing.
    """
    point = ContactPoint.objects.select_for_update().filter(pk=link.contact_point_id).first()
    if point is None:
        return False
    if point.verified_at is not None:
        return True
    now = timezone.now()
    ContactPoint.objects.filter(pk=point.pk).update(verified_at=now)
    Report.objects.filter(
        person_id=point.person_id, source=Source.CRISIS, agreed_at__isnull=True
    ).update(agreed_at=now)
    _record("contact.prove", point, link)
    return True


@transaction.atomic
def disown_contact(*, link: ProofLink) -> bool:
    """Erase an address whose reader never registered with it; False when it is proved or gone.

    The registration stays: in need, people mistype their own number.
    """
    point = ContactPoint.objects.select_for_update().filter(pk=link.contact_point_id).first()
    if point is None or point.verified_at is not None:
        return False
    _record("contact.disown", point, link)
    point.delete()
    return True


def _send(submission: Submission, person: Person, point: ContactPoint, network: str) -> bool:
    value = value_of(point.channel, point.address)
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


def _record(action: str, point: ContactPoint, link: ProofLink) -> None:
    ledger.record(
        action=action,
        by=Actor.unknown(),
        purpose=purpose_of(link.crisis),
        subjects=[point.person_id],
        object_type="registrations.contactpoint",
        object_id=point.pk,
        details={"channel": point.channel, "crisis": link.crisis.pk},
    )
