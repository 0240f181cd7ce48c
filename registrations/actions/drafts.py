"""Half-finished registrations: one sealed row each, erased after 72 hours."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from registrations.answers import Answers
from registrations.models import Challenge, Draft


class DraftGone(Exception):
    """The draft has expired, was erased, or has become a person."""


def start_draft(*, answers: Answers) -> Draft:
    return Draft.objects.create(answers=answers.to_json())


@transaction.atomic
def change_draft(*, draft_id: UUID, change: Callable[[Answers], Answers]) -> Answers:
    """Apply a change to the newest answers, so that two open windows lose nothing.

    Raises DraftGone.
    """
    draft, answers = lock_draft(draft_id)
    changed = change(answers)
    if changed != answers:
        draft.answers = changed.to_json()
        draft.save(update_fields=["answers"])
    return changed


def lock_draft(draft_id: UUID) -> tuple[Draft, Answers]:
    """Return the draft, locked until the transaction ends. Raises DraftGone."""
    draft = Draft.objects.select_for_update().filter(pk=draft_id).first()
    if draft is None or draft.has_expired:
        raise DraftGone
    return draft, Answers.from_json(draft.answers)


@transaction.atomic
def erase_draft(*, draft_id: UUID) -> None:
    Challenge.objects.filter(draft_id=draft_id).delete()
    Draft.objects.filter(pk=draft_id).delete()


def erase_expired_drafts(*, batch: int = 1000) -> int:
    """Erase what has expired, a batch at a time; return how many drafts."""
    erased = 0
    while found := erase_some_drafts(batch=batch):
        erased += found
    return erased


@transaction.atomic
def erase_some_drafts(*, batch: int = 1000) -> int:
    """Erase one batch of what has expired; return how many drafts."""
    ids = list(
        Draft.objects.filter(expires_at__lte=timezone.now())
        .order_by("expires_at")
        .select_for_update(skip_locked=True)
        .values_list("pk", flat=True)[:batch]
    )
    Challenge.objects.filter(draft_id__in=ids).delete()
    Draft.objects.filter(pk__in=ids).delete()
    return len(ids)
