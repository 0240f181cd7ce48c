"""Which stays an open crisis still needs: nobody is erased while their case is being followed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from crises.enums import CrisisState
from crises.models import Answer, Crisis, Notice, Submission
from notifications.models import Delivery
from registrations.models import Stay
from registrations.people_standing import heads_of


def held_by_open_crises(stays: Sequence[Stay]) -> set[UUID]:
    """Those in the newest area of an open crisis, and those of whoever was written to, answered or
    sent a form.

    An exercise is no reason to keep anybody's data longer.
    """
    crises = list(Crisis.objects.filter(state=CrisisState.OPEN, is_drill=False).order_by("pk"))
    if not crises or not stays:
        return set()
    # What was merged into somebody may have been written to, and may have answered, before.
    stands_for = heads_of({stay.person_id for stay in stays})
    people = stands_for.keys()
    messages = Notice.objects.filter(crisis__in=crises, message__isnull=False).values("message_id")
    concerned = (
        set(
            Delivery.objects.for_subjects(people)
            .filter(message_id__in=messages)
            .values_list("subject_id", flat=True)
        )
        | set(
            Answer.objects.filter(crisis__in=crises, person_id__in=people).values_list(
                "person_id", flat=True
            )
        )
        | set(
            Submission.objects.filter(crisis__in=crises, person_id__in=people).values_list(
                "person_id", flat=True
            )
        )
    )
    concerned = {stands_for[person_id] for person_id in concerned if person_id}
    held = {stay.pk for stay in stays if stay.person_id in concerned}
    for crisis in crises:
        newest = crisis.areas.order_by("-created_at").first()
        rest = [stay.pk for stay in stays if stay.pk not in held]
        if newest and rest:
            held |= set(
                Stay.objects.in_area(newest.area).filter(pk__in=rest).values_list("pk", flat=True)
            )
    return held
