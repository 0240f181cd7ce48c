"""Two people who look alike found to be two, and that taken back."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose
from registrations.actions.merging import MergeRefused
from registrations.models import Person, Verdict


@transaction.atomic
def part_people(*, first_id: UUID, second_id: UUID, by: User | Actor, note: str = "") -> Verdict:
    """Keep it that these are two people; said twice, it is kept once.

    Raises Person.DoesNotExist, or MergeRefused for one person or one that was merged.
    """
    first_id, second_id = sorted([first_id, second_id])
    people = list(
        Person.objects.select_for_update(of=("self",))
        .filter(pk__in=[first_id, second_id])
        .order_by("pk")
    )
    if first_id == second_id or any(person.merged_into_id for person in people):
        raise MergeRefused(_("One of the two has been merged already. Look at the list again."))
    if len(people) < 2:
        raise Person.DoesNotExist
    verdict, is_new = Verdict.objects.get_or_create(first_id=first_id, second_id=second_id)
    if is_new:
        _record("person.part", verdict, by, note)
    return verdict


@transaction.atomic
def take_back_verdict(*, verdict_id: UUID, by: User | Actor) -> None:
    """Let the two be compared again. Raises Verdict.DoesNotExist."""
    verdict = Verdict.objects.select_for_update(of=("self",)).get(pk=verdict_id)
    _record("person.ask_again", verdict, by, "")
    verdict.delete()


def _record(action: str, verdict: Verdict, by: User | Actor, note: str) -> None:
    for person_id in (verdict.first_id, verdict.second_id):
        record(
            action=action,
            by=by,
            purpose=Purpose.DATA_QUALITY,
            subjects=[person_id],
            object_type="registrations.verdict",
            object_id=verdict.pk,
            note=note,
        )
