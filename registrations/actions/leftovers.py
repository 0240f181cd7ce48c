"""Erases what is left behind: people without a stay, and the traces of messages about what is
erased. Groups and their lists go by erase_group_leftovers(), together with what they reported."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose
from notifications.actions import forget_subjects
from notifications.enums import MessageState
from notifications.models import CODES_KEPT, Delivery, Message
from registrations.actions.codes import VERIFICATION
from registrations.actions.erasing import erase_person
from registrations.family import FAMILY
from registrations.models import ContactPoint, FamilyContact, Person, Stay
from registrations.reminders import REMINDER
from registrations.replaced import REPLACED
from registrations.retention import days_kept, held_back

_CODES_KEPT = dt.timedelta(days=CODES_KEPT)
_RECIPIENTS: dict[str, type[Stay | FamilyContact | ContactPoint]] = {
    REMINDER: Stay,
    FAMILY: FamilyContact,
    REPLACED: ContactPoint,
}


@dataclass(slots=True)
class Leftovers:
    """How many of each were erased."""

    people: int = 0
    messages: int = 0


def erase_leftovers(*, by: Actor, now: dt.datetime | None = None) -> Leftovers:
    """Erase all that no stay keeps any more. Each person has a transaction of their own."""
    moment = now or timezone.now()
    done = Leftovers(
        people=sum(erase_silent_people(by=by, now=moment)),
        messages=erase_messages(moment),
    )
    record(
        action="retention.run",
        by=by,
        purpose=Purpose.MAINTENANCE,
        object_type="registrations.person",
        details=asdict(done),
    )
    return done


def erase_silent_people(*, by: Actor, now: dt.datetime) -> Iterator[bool]:
    """People without any stay, as long after their last word as a stay is kept after its end.

    One for each that is asked for: whether they were erased, or an open crisis holds them back.
    What was merged into another has no stays of its own, and lasts as long as that one.
    """
    silent = Person.objects.filter(
        ~Exists(Stay.objects.filter(person_id=OuterRef("pk"))),
        merged_into__isnull=True,
        confirmed_at__lt=now - days_kept(),
    )
    for person_id in list(silent.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            # Asked again under the lock: a stay may have been added meanwhile.
            person = silent.select_for_update(of=("self",)).filter(pk=person_id).first()
            if person is None:
                continue
            # Whoever an open crisis is about is kept as if they stayed somewhere.
            is_held = bool(held_back([Stay(person=person)]))
            if not is_held:
                erase_person(person_id=person_id, by=by, purpose=Purpose.MAINTENANCE)
        yield not is_held


def erase_orphaned_deliveries(*, batch: int = 500) -> Iterator[int]:
    """What was queued about somebody in the very moment in which they were erased."""
    people = Person.objects.filter(pk=OuterRef("subject_id"))
    orphaned = Delivery.objects.filter(~Exists(people), subject_id__isnull=False)
    while subjects := list(
        orphaned.order_by().values_list("subject_id", flat=True).distinct()[:batch]
    ):
        forget_subjects([one for one in subjects if one])
        yield len(subjects)


@transaction.atomic
def erase_messages(now: dt.datetime) -> int:
    """Codes after 30 days; of the others, whatever was sent about what is erased."""
    finished = [MessageState.DONE, MessageState.ABORTED]
    gone = Q(purpose=VERIFICATION, created_at__lt=now - _CODES_KEPT)
    for purpose, model in _RECIPIENTS.items():
        Delivery.objects.filter(
            ~Exists(model._default_manager.filter(pk=OuterRef("recipient_id"))),
            message__purpose=purpose,
            due_at__isnull=True,
        ).delete()
    gone |= Q(
        ~Exists(Delivery.objects.filter(message_id=OuterRef("pk"))),
        purpose__in=_RECIPIENTS,
        state__in=finished,
    )
    _, erased = Message.objects.filter(gone).delete()
    return erased.get(Message._meta.label, 0)
