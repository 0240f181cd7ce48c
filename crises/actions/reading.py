"""Opening one person's record in a crisis: with a reason, and both stand in the ledger."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from audit import ledger
from crises.actions.refusals import Refused, must_be_open, must_lead, purpose_of
from crises.enums import ReadingReason
from crises.models import Answer, Crisis, Submission
from notifications.models import Delivery
from registrations.models import Person
from registrations.people_standing import shells_of, standing
from registrations.reading import read_person


@transaction.atomic
def read_person_in_crisis(
    *, crisis: Crisis, person_id: UUID, reason: ReadingReason, by: User
) -> dict[str, Any]:
    """What is kept about someone who was written to or registered in this crisis; their answer.

    The sections of registrations.reading.read_person, with `answer` added; stays outside the
    officer's jurisdiction stay hidden. Whoever was merged is read, and was written to, as the
    registration that stands; of several answers one that asked for help comes first. Of someone
    who erased themselves only `answer` is there, and `name` is empty. Raises Refused.
    """
    must_be_open(crisis)
    must_lead(by, crisis.countries)
    person_id = standing(person_id)
    people = {person_id, *shells_of(person_id)}
    answer = (
        Answer.objects.current()
        .filter(crisis=crisis, person_id__in=people)
        .order_by(F("help_asked_at").desc(nulls_last=True), "-answered_at", "pk")
        .first()
    )
    told = Delivery.objects.for_subjects(people).filter(message__context_id=crisis.pk)
    wrote = Submission.objects.filter(crisis=crisis, person_id__in=people)
    if answer is not None and answer.erased_at is not None:
        return _read_request(crisis, answer, reason, by)
    if answer is None and not told.exists() and not wrote.exists():
        raise Refused(_("This person was not written to in this crisis."))
    try:
        found = read_person(
            person_id=person_id,
            purpose=purpose_of(crisis),
            by=by,
            countries=by.countries,
            details={"reason": reason.value, "crisis": crisis.pk},
        )
    except Person.DoesNotExist:
        raise Refused(_("This person has erased their registration.")) from None
    return found | {"answer": answer}


def _read_request(
    crisis: Crisis, answer: Answer, reason: ReadingReason, by: User
) -> dict[str, Any]:
    """The request of someone who has erased themselves: it is about nobody any more."""
    ledger.record(
        action="answer.read_kept",
        by=by,
        purpose=purpose_of(crisis),
        object_type="crises.crisis",
        object_id=crisis.pk,
        details={"reason": reason.value},
    )
    return {"name": "", "answer": answer}
