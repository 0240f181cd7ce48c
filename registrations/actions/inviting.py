"""Inviting people whom others reported. An invitation without `sent_at` is the queue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from notifications.actions import create_message, freeze
from notifications.enums import Channel, Lane
from registrations.enums import REPORTED, Source
from registrations.invitations import INVITATION
from registrations.models import ContactPoint, Invitation
from registrations.texts import invitation_texts

# A message that could not be sent for so long is not sent any more.
_LIFETIME = dt.timedelta(days=14)
_DAY = dt.timedelta(days=1)


@transaction.atomic
def send_invitations(
    *, people: Collection[UUID] | None = None, now: dt.datetime | None = None, batch: int = 500
) -> int:
    """Write to addresses that were not written to yet, of these people or of all; return how many.

    Who has a mail address is written to there alone: text messages cost, anybody may name any
    number, and so they are limited by the day, as codes are. What is over waits.
    """
    moment = now or timezone.now()
    waiting = Invitation.objects.filter(
        sent_at__isnull=True,
        refused_at__isnull=True,
        contact_point__verified_at__isnull=True,
        contact_point__person__source__in=REPORTED,
        contact_point__person__merged_into__isnull=True,
    )
    if people is not None:
        waiting = waiting.filter(contact_point__person__in=people)
    mails = waiting.filter(contact_point__channel=Channel.MAIL)
    texts = waiting.filter(contact_point__channel=Channel.SMS).exclude(_has_mail())
    ids = _first(mails, batch) + _first(texts, min(batch, _texts_left(moment)))
    for source in sorted(REPORTED):
        points = ContactPoint.objects.filter(invitations__in=ids, person__source=source)
        if points.exists():
            _write(Source(source), points, moment)
    Invitation.objects.filter(pk__in=ids).update(sent_at=moment)
    return len(ids)


def _write(source: Source, points: QuerySet[ContactPoint], now: dt.datetime) -> None:
    message = create_message(
        purpose=INVITATION,
        lane=Lane.ADVICE,
        texts=invitation_texts(source),
        expires_at=now + _LIFETIME,
    )
    rows = points.order_by().values_list("pk", "person_id", "channel", "person__language")
    freeze(message, rows=rows)


def _has_mail() -> Exists:
    return Exists(
        ContactPoint.objects.filter(
            person_id=OuterRef("contact_point__person_id"), channel=Channel.MAIL
        )
    )


def _first(waiting: QuerySet[Invitation], count: int) -> list[UUID]:
    # Two runs at once share the work instead of writing to anybody twice.
    rows = waiting.order_by("created_at", "pk").select_for_update(of=("self",), skip_locked=True)
    return list(rows.values_list("pk", flat=True)[: max(count, 0)])


def _texts_left(now: dt.datetime) -> int:
    """How many more text messages may go out as invitations today."""
    sent = Invitation.objects.filter(
        sent_at__gt=now - _DAY, contact_point__channel=Channel.SMS
    ).count()
    return int(settings.REGISTRATION_LIMITS["sms_codes_per_day"]) - sent
