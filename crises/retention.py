"""Which stays an open crisis still needs: nobody is erased while their case is being followed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from crises.enums import CrisisState
from crises.models import Answer, Crisis, Submission
from notifications.models import Delivery
from registrations.models import Stay
from registrations.people_standing import heads_of


def held_by_open_crises(stays: Sequence[Stay]) -> dict[UUID, list[str]]:
    """Those in the newest area of an open crisis, and those of whoever was written to, answered or
    sent a form; each with the titles of those crises, "" for one that nobody was told of yet.

    An exercise is no reason to keep anybody's data longer.
    """
    crises = Crisis.objects.filter(state=CrisisState.OPEN, is_drill=False).order_by("pk")
    if not stays:
        return {}
    # What was merged into somebody may have been written to, and may have answered, before.
    stands_for = heads_of({stay.person_id for stay in stays})
    held: dict[UUID, list[str]] = {}
    for crisis in crises:
        notices = crisis.notices.filter(message__isnull=False)
        messages = [one for one in notices.values_list("message_id", flat=True) if one]
        concerned = {stands_for[one] for one in _concerned(crisis, messages, stands_for)}
        touched = {stay.pk for stay in stays if stay.person_id in concerned}
        newest = crisis.areas.order_by("-created_at").first()
        rest = [stay.pk for stay in stays if stay.pk not in touched]
        if newest and rest:
            inside = Stay.objects.in_area(newest.area).filter(pk__in=rest)
            touched |= set(inside.values_list("pk", flat=True))
        for stay_id in touched:
            held.setdefault(stay_id, []).append(crisis.title if messages else "")
    return held


def _concerned(crisis: Crisis, messages: Collection[UUID], people: Collection[UUID]) -> set[UUID]:
    """Who of these people was written to, has answered, or has sent a form."""
    told = Delivery.objects.for_subjects(people).filter(message_id__in=messages)
    answers = Answer.objects.filter(crisis=crisis, person_id__in=people)
    forms = Submission.objects.filter(crisis=crisis, person_id__in=people)
    found = set(told.values_list("subject_id", flat=True))
    found |= set(answers.values_list("person_id", flat=True))
    found |= set(forms.values_list("person_id", flat=True))
    return {one for one in found if one}
