"""What crises keep of someone who is erased: nothing, but for an open request for help.

Helping a citizen in danger is the duty that the law gives the consulate: a request that nobody has
handled stays until the crisis's purge date, tied to nobody.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from crises.enums import CrisisState
from crises.models import Answer, Crisis, IncomingReply, Notice, Stopped, Submission
from crises.models.crises import PURGE_AFTER
from crises.proofs import PURPOSE
from notifications.actions import forget_subjects
from notifications.models import Delivery, Message
from privacy.sealing import CannotOpen
from registrations.erasing import Erasure, Kept, Order, Traces
from registrations.models import Person

HELP_REQUEST = "help_request"
_Held = TypeVar("_Held", Answer, Stopped, Submission)
_SEALED = ("note", "whereabouts", "left_contact")


class CrisisEraser:
    """Bound to the port of registrations."""

    def identifiers(self, people: frozenset[UUID]) -> set[UUID]:
        return {
            *_of(Answer, people).values_list("pk", flat=True),
            *_of(Stopped, people).values_list("pk", flat=True),
            *_of(Submission, people).values_list("pk", flat=True),
            *IncomingReply.objects.sent_by(people).order_by("pk").values_list("pk", flat=True),
        }

    def would_keep(self, people: frozenset[UUID]) -> list[Kept]:
        return [_kept(answer) for answer in _open_requests(people)]

    def erase(self, traces: Traces, order: Order) -> Erasure:
        if order.successor is not None:
            _hand_over(traces.people, order.successor)
        requests = _open_requests(traces.people)
        kept = [_kept(_untie(answer, order)) for answer in requests]
        _count_erased(traces.people)
        submissions = _of(Submission, traces.people)
        Message.objects.filter(
            purpose=PURPOSE, context_id__in=list(submissions.values_list("pk", flat=True))
        ).delete()
        erased = {
            "answers": _of(Answer, traces.people).delete()[0],
            "stops": _of(Stopped, traces.people).delete()[0],
            "submissions": submissions.delete()[0],
            "replies": IncomingReply.objects.sent_by(traces.people).delete()[0],
        }
        return Erasure(erased, kept)


@transaction.atomic
def forget_the_erased(notice_id: UUID) -> int:
    """Untie what a notice has of people who were erased while it was frozen, whom neither saw of
    the other; returns how many. Nothing was sent to them: their addresses are opened after that.
    """
    notice = Notice.objects.select_for_update().get(pk=notice_id)
    there = Person.objects.filter(pk=OuterRef("subject_id"))
    orphaned = Delivery.objects.filter(
        ~Exists(there), message=notice.message_id, subject_id__isnull=False
    )
    people = {one for one in orphaned.order_by().values_list("subject_id", flat=True) if one}
    if people:
        _count_erased(people, len(people))
        forget_subjects(people)
    return len(people)


def _of(model: type[_Held], people: Collection[UUID]) -> QuerySet[_Held]:
    # Through the crises, which are few: the indexes begin with them.
    return model._default_manager.filter(
        crisis__in=Crisis.objects.all(), person_id__in=people
    ).order_by("pk")


def _open_requests(people: Collection[UUID]) -> list[Answer]:
    """The newest answer of each open crisis in which these people asked for help.

    A later "safe" does not close a request. An exercise asks for nothing.
    """
    found = Answer.objects.current().filter(
        crisis__in=Crisis.objects.filter(state=CrisisState.OPEN, is_drill=False),
        person_id__in=people,
        help_asked_at__isnull=False,
    )
    newest: dict[UUID, Answer] = {}
    for answer in found.select_related("crisis").order_by("answered_at", "pk"):
        newest[answer.crisis_id] = answer
    return list(newest.values())


def _kept(answer: Answer) -> Kept:
    return Kept(
        reason=HELP_REQUEST,
        about=answer.crisis.title,
        until=answer.crisis.purge_on,
        days=PURGE_AFTER.days,
        whereabouts=_place_of(answer),
        with_contact=answer.left_contact is not None,
    )


def _place_of(answer: Answer) -> str:
    """What they wrote of where they are; in the note, where the other line was left empty."""
    try:
        return answer.whereabouts or answer.note or ""
    except CannotOpen:  # Its key was lost: that must not keep anybody from being erased.
        return ""


def _untie(answer: Answer, order: Order) -> Answer:
    """Write the request anew for nobody; the answers that it came from go with the others."""
    words = order.last_words
    return Answer.objects.create(
        crisis=answer.crisis,
        person_id=uuid4(),
        choice=answer.choice,
        whereabouts=(words.whereabouts if words else _place_of(answer))[:300] or None,
        left_contact=(words.contact if words else "") or None,
        help_asked_at=answer.help_asked_at,
        via=answer.via,
        answered_at=answer.answered_at,
        erased_at=timezone.now(),
    )


def _hand_over(people: Collection[UUID], successor: UUID) -> None:
    """What a reported person answered is the word of the registration that follows from it."""
    newer = {
        answer.crisis_id: answer
        for answer in Answer.objects.current()
        .filter(crisis__in=Crisis.objects.all(), person_id=successor)
        .order_by("pk")
    }
    for answer in _of(Answer, people).order_by("answered_at", "pk"):
        said = newer.get(answer.crisis_id)
        if said is not None:
            # Their later word counts, and does not close what they asked for before.
            if answer.superseded_at is None and said.help_asked_at is None:
                Answer.objects.filter(pk=said.pk).update(help_asked_at=answer.help_asked_at)
            continue
        # Opened for the former person, and sealed again for the new one.
        _opened = [getattr(answer, name) for name in _SEALED]
        answer.person_id = successor
        answer.save(force_update=True)


def _count_erased(people: Collection[UUID], number: int = 1) -> None:
    """Nobody who is erased may count among the silent. `people` are `number` persons' identifiers:
    several where they were merged."""
    told = Delivery.objects.for_subjects(people).order_by().values("message_id")
    Notice.objects.filter(message_id__in=told).update(erased_people=F("erased_people") + number)
