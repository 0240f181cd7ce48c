"""Telling those who are concerned: family contacts that they are listed, and an address that it
was replaced. A family contact without `told_at` is the queue."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from audit.actors import Actor
from audit.journal import journal
from audit.ledger import record, record_bulk
from audit.purposes import Purpose
from notifications.actions import create_message, freeze, queue_one
from notifications.enums import Channel, Lane
from registrations.contacts import family_address, indexes_of
from registrations.family import FAMILY, has_objected
from registrations.kept import REPLACED_DAYS
from registrations.models import ContactPoint, FamilyContact
from registrations.replaced import REPLACED
from registrations.texts import listed_texts, replaced_texts

# A message that could not be sent for so long is not sent any more.
_LIFETIME = dt.timedelta(days=14)
_DAY = dt.timedelta(days=1)
_Untold = QuerySet[Any, Any]  # Family contacts, annotated with their channel.


def tell_families(*, by: Actor, now: dt.datetime | None = None, batch: int = 500) -> int:
    """Tell every family contact who was not told yet, the oldest first; return how many.

    Each batch has a transaction of its own, with its marks and its message. Text messages are
    limited by the day as codes are: anybody may name any number. What is over waits.
    """
    moment = now or timezone.now()
    told = 0
    while found := _tell(_untold(), moment, by, batch):
        told += found
    return told


def tell_family(*, person_id: UUID, by: Actor, now: dt.datetime | None = None) -> int:
    """Tell the person's family contacts who were not told yet, at once; return how many."""
    untold = _untold().filter(person_id=person_id)
    return _tell(untold, now or timezone.now(), by, batch=100)


@transaction.atomic
def object_to_listing(*, contact_id: UUID, by: Actor, now: dt.datetime | None = None) -> bool:
    """Keep nothing of a family contact but the index that keeps them from being listed again.

    False when they are not listed, or have said so before.
    """
    contact = FamilyContact.objects.select_for_update().filter(pk=contact_id).first()
    if contact is None or contact.objected_at:
        return False
    contact.name = contact.relationship = contact.phone = contact.mail = None
    contact.objected_at = now or timezone.now()
    contact.save(update_fields=["name", "relationship", "phone", "mail", "objected_at"])
    journal("family.objected", row_id=contact_id)
    record(
        action="family.object",
        by=by,
        purpose=Purpose.RIGHTS,
        subjects=[contact.person_id],
        object_type="registrations.familycontact",
    )
    return True


@transaction.atomic
def tell_replaced(*, contact_point_id: UUID, now: dt.datetime | None = None) -> bool:
    """Tell an address that another has taken its place. False when none has."""
    point = ContactPoint.objects.filter(pk=contact_point_id, replaced_at__isnull=False).first()
    if point is None:
        return False
    person = point.person
    queue_one(
        purpose=REPLACED,
        # Whoever takes a registration over must not be able to count on a slow queue.
        lane=Lane.VERIFICATION,
        recipient_id=point.pk,
        subject_id=person.pk,
        channel=point.channel,
        language=person.language,
        texts=replaced_texts(),
        expires_at=(now or timezone.now()) + dt.timedelta(days=REPLACED_DAYS),
    )
    return True


def erase_replaced(*, by: Actor, now: dt.datetime | None = None) -> int:
    """Erase addresses that were replaced 7 days ago; return how many."""
    before = (now or timezone.now()) - dt.timedelta(days=REPLACED_DAYS)
    with transaction.atomic():
        gone = ContactPoint.objects.filter(replaced_at__lte=before)
        people = set(gone.values_list("person_id", flat=True))
        erased, _ = gone.filter(person_id__in=people).delete()
        if erased:
            record(
                action="contact.erase",
                by=by,
                purpose=Purpose.MAINTENANCE,
                subjects=people,
                object_type="registrations.contactpoint",
                details={"contacts": erased},
            )
    return erased


def _untold() -> _Untold:
    """Those to be told, annotated with the channel."""
    return (
        FamilyContact.objects.filter(told_at__isnull=True, objected_at__isnull=True)
        .filter(Q(mail__isnull=False) | Q(phone__isnull=False))
        .annotate(
            channel=Case(
                When(mail__isnull=False, then=Value(Channel.MAIL.value)),
                default=Value(Channel.SMS.value),
            )
        )
    )


@transaction.atomic
def _tell(untold: _Untold, now: dt.datetime, by: Actor, batch: int) -> int:
    _drop_unwanted(untold)
    mails = untold.filter(channel=Channel.MAIL)
    texts = untold.filter(channel=Channel.SMS)
    ids = _first(mails, batch) + _first(texts, min(batch, _texts_left(now)))
    if not ids:
        return 0
    chosen = untold.filter(pk__in=ids)
    message = create_message(
        purpose=FAMILY, lane=Lane.ADVICE, texts=listed_texts(), expires_at=now + _LIFETIME
    )
    freeze(
        message,
        rows=chosen.order_by().values_list("pk", "person_id", "channel", _language()),
    )
    record_bulk(
        action="family.tell",
        by=by,
        purpose=Purpose.FAMILY,
        subject_query=chosen.order_by().values("person_id").distinct(),
        object_type="registrations.familycontact",
        object_id=message.pk,
        details={"contacts": len(ids)},
    )
    FamilyContact.objects.filter(pk__in=ids).update(told_at=now)
    return len(ids)


def _first(untold: _Untold, count: int) -> list[UUID]:
    # Two runs at once share the work instead of telling anybody twice.
    rows = untold.order_by("created_at", "pk").select_for_update(of=("self",), skip_locked=True)
    return list(rows.values_list("pk", flat=True)[: max(count, 0)])


def _texts_left(now: dt.datetime) -> int:
    """How many more text messages may go to family contacts today."""
    sent = FamilyContact.objects.filter(told_at__gt=now - _DAY, mail__isnull=True).count()
    return int(settings.REGISTRATION_LIMITS["sms_codes_per_day"]) - sent


def _drop_unwanted(untold: _Untold) -> None:
    """Whoever objected is neither told nor kept when the same person lists them again."""
    objected = FamilyContact.objects.filter(
        person_id=OuterRef("person_id"), objected_at__isnull=False
    )
    # Compared address by address: an objection may stand under an older key than the new listing.
    unwanted = [
        contact.pk
        for contact in untold.filter(Exists(objected))
        if (address := family_address(contact))
        and has_objected(contact.person_id, indexes_of(address))
    ]
    untold.filter(pk__in=unwanted).delete()


def _language() -> Case:
    return Case(When(language="", then=F("person__language")), default=F("language"))
