"""Erases what is left behind: people without a stay, and the traces of messages about what is
erased. Groups and their lists go by erase_group_leftovers(), together with what they reported."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose
from notifications.enums import MessageState
from notifications.models import Delivery, Message
from registrations.actions.codes import VERIFICATION
from registrations.actions.erasing import erase_person
from registrations.family import FAMILY
from registrations.models import ContactPoint, FamilyContact, Person, Stay
from registrations.reminders import REMINDER
from registrations.replaced import REPLACED
from registrations.retention import days_kept, held_back

_CODES_KEPT = dt.timedelta(days=30)
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
        people=_erase_people(moment, by),
        messages=_erase_messages(moment),
    )
    record(
        action="retention.run",
        by=by,
        purpose=Purpose.MAINTENANCE,
        object_type="registrations.person",
        details=asdict(done),
    )
    return done


def _erase_people(now: dt.datetime, by: Actor) -> int:
    """People without any stay, as long after their last word as a stay is kept after its end.

    What was merged into another has no stays of its own, and lasts as long as that one.
    """
    silent = Person.objects.filter(
        ~Exists(Stay.objects.filter(person_id=OuterRef("pk"))),
        merged_into__isnull=True,
        confirmed_at__lt=now - days_kept(),
    )
    erased = 0
    for person_id in list(silent.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            # Asked again under the lock: a stay may have been added meanwhile.
            person = silent.select_for_update(of=("self",)).filter(pk=person_id).first()
            # Whoever an open crisis is about is kept as if they stayed somewhere.
            if person and not held_back([Stay(person=person)]):
                erased += erase_person(person_id=person_id, by=by, purpose=Purpose.MAINTENANCE)
    return erased


@transaction.atomic
def _erase_messages(now: dt.datetime) -> int:
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
