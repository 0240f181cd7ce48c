"""Recording what a person answers: once however often it is sent, and changeable.

"I have left" ends the stays on account of which the person was written to; another answer brings
them back.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import ledger
from audit.actors import Actor
from crises.actions.refusals import Refused, purpose_of
from crises.actions.turns import take_turns
from crises.enums import DEFAULT_CLASSES, SETTLED, AnsweredVia, Choice, Match, NoticeKind
from crises.links import AnswerLink, follow
from crises.models import Answer, Crisis, Notice, Submission
from notifications.actions import cancel_for_subject
from registrations.actions import leave_stays, return_to_stays
from registrations.models import Stay
from registrations.people_standing import shells_of


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
        notice=link.notice,
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
    notice: Notice | None = None,
    note: str = "",
    whereabouts: str = "",
) -> Answer:
    """Record an answer for a person, whichever way it came.

    `notice` is the one that is answered; without one, the crisis's area in force says which stays
    "I have left" ends. An exercise ends none.
    """
    # One person's answers in one crisis follow one another.
    take_turns(crisis.pk.bytes, person_id.bytes)
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
    ended = _move_stays(former, crisis, person_id, choice, notice, by)
    asked_before = former.help_asked_at if former is not None else None
    answer = Answer.objects.create(
        crisis=crisis,
        person_id=person_id,
        delivery_id=delivery_id,
        choice=choice,
        note=note or None,
        whereabouts=whereabouts or None,
        help_asked_at=asked_before or (now if choice == Choice.NEED_HELP else None),
        left_stays=ended,
        via=via,
        answered_at=now,
    )
    cancelled = 0
    if choice in SETTLED:
        cancelled = cancel_for_subject(crisis.pk, person_id, spared=_to_pass_on(crisis, choice))
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
            "stays_ended": len(ended),
        },
    )
    return answer


def _move_stays(
    former: Answer | None,
    crisis: Crisis,
    person_id: UUID,
    choice: Choice,
    notice: Notice | None,
    by: Actor,
) -> list[UUID]:
    """End the stays that a person has left, or bring them back; return those that are ended."""
    had_left = former is not None and former.choice == Choice.LEFT
    ended = list(former.left_stays) if former is not None else []
    if choice == Choice.LEFT:
        return ended if had_left else _leave(crisis, person_id, notice, by)
    if ended:
        return_to_stays(person_id=person_id, stay_ids=ended, by=by)
    return []


def _leave(crisis: Crisis, person_id: UUID, notice: Notice | None, by: Actor) -> list[UUID]:
    area = notice.area if notice else crisis.areas.order_by("-created_at", "pk").first()
    if area is None or crisis.is_drill:
        return []
    # Who is known only to be somewhere in the country has left that country's flood, not the
    # country: such a stay ends only where the notice was meant for it, or where it was given in
    # this very crisis.
    classes = set(notice.classes if notice else DEFAULT_CLASSES) & set(Match.values)
    people = {person_id, *shells_of(person_id)}
    if Submission.objects.filter(crisis=crisis, person_id__in=people).exists():
        classes |= {Match.REGION.value, Match.SOMEWHERE.value}
    touching: Any = Stay.objects.in_area(area.area).filter(
        person_id=person_id, planned_end__isnull=True
    )
    ids = [stay.pk for stay in touching.order_by("pk") if stay.match in classes]
    if not ids or not leave_stays(person_id=person_id, stay_ids=ids, by=by):
        return []
    # Those to come, and those that ended before, were left as they are.
    ended = Stay.objects.filter(pk__in=ids, planned_end__isnull=False)
    return list(ended.order_by("pk").values_list("pk", flat=True))


def _to_pass_on(crisis: Crisis, choice: Choice) -> list[UUID]:
    """The messages that a focal point who is safe should still get."""
    if choice != Choice.SAFE:
        return []
    relays = crisis.notices.filter(kind=NoticeKind.RELAY, message__isnull=False)
    return [pk for pk in relays.order_by("pk").values_list("message_id", flat=True) if pk]
