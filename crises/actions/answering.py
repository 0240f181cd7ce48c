"""Recording what a person answers: once however often it is sent, and changeable."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import ledger
from audit.actors import Actor
from crises.actions.refusals import Refused, purpose_of
from crises.enums import AnsweredVia, Choice
from crises.links import AnswerLink, follow
from crises.models import Answer, Crisis
from notifications.actions import cancel_for_subject


def record_answer(
    *,
    token: str,
    choice: Choice | str,
    note: str = "",
    whereabouts: str = "",
    by: Actor | None = None,
) -> Answer:
    """Take an answer through the link of a notice. Raises Refused when the link leads nowhere.

    The same answer again changes nothing; another one supersedes it. "Safe" and "left" stop what
    is left to send to this person; a request for help stays open whatever follows.
    """
    link = follow(token)
    if not isinstance(link, AnswerLink) or link.has_expired:
        raise Refused(_("This link has expired."))
    try:
        wanted = Choice(choice)
    except ValueError:
        raise Refused(_("Choose one of the three answers.")) from None
    return answer_for(
        crisis=link.crisis,
        person_id=link.person_id,
        delivery_id=link.delivery_id,
        choice=wanted,
        note=note,
        whereabouts=whereabouts,
        via=AnsweredVia.LINK,
        by=by or Actor.traveller(link.person_id),
    )


@transaction.atomic
def answer_for(
    *,
    crisis: Crisis,
    person_id: UUID,
    choice: Choice,
    via: AnsweredVia,
    by: Actor,
    delivery_id: UUID | None = None,
    note: str = "",
    whereabouts: str = "",
) -> Answer:
    """Record an answer for a person, whichever way it came."""
    _take_turns(crisis.pk, person_id)
    note, whereabouts = note.strip()[:1000], whereabouts.strip()[:300]
    now = timezone.now()
    former = Answer.objects.current().filter(crisis=crisis, person_id=person_id).first()
    if former is not None:
        is_same = former.choice == choice
        adds = (note and note != former.note) or (whereabouts and whereabouts != former.whereabouts)
        if is_same and not adds:
            return former
        Answer.objects.filter(pk=former.pk, superseded_at__isnull=True).update(superseded_at=now)
        if is_same:
            note, whereabouts = note or former.note or "", whereabouts or former.whereabouts or ""
    asked_before = former.help_asked_at if former is not None else None
    answer = Answer.objects.create(
        crisis=crisis,
        person_id=person_id,
        delivery_id=delivery_id,
        choice=choice,
        note=note or None,
        whereabouts=whereabouts or None,
        help_asked_at=asked_before or (now if choice == Choice.NEED_HELP else None),
        via=via,
        answered_at=now,
    )
    cancelled = 0
    if choice in (Choice.SAFE, Choice.LEFT):
        cancelled = cancel_for_subject(crisis.pk, person_id)
    ledger.record(
        action="answer.record",
        by=by,
        purpose=purpose_of(crisis),
        subjects=[person_id],
        object_type="crises.crisis",
        object_id=crisis.pk,
        details={
            "choice": str(choice),
            "via": str(via),
            "changed": former is not None,
            "cancelled": cancelled,
        },
    )
    return answer


def _take_turns(crisis_id: UUID, person_id: UUID) -> None:
    """Let answers of one person in one crisis follow one another until the transaction ends.

    Locking the former answer would not do: whoever waited for it would find it superseded, and
    not see its successor.
    """
    key = int.from_bytes(sha256(crisis_id.bytes + person_id.bytes).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
