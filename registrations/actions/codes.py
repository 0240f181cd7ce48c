"""Proving an address with a code."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from notifications.actions import queue_one
from notifications.enums import Lane
from registrations.actions.drafts import lock_draft
from registrations.codes import TRIES, is_code_of, read_code
from registrations.contacts import indexes_of, typed_value_of
from registrations.enums import CodeProblem, SendProblem
from registrations.limits import take_send
from registrations.models import Challenge, Draft
from registrations.texts import verification_text

VERIFICATION = "verification"
# A page sent twice, or gone back to, sends no second code so soon.
RECENT = dt.timedelta(seconds=60)


@transaction.atomic
def send_code(
    *, draft_id: UUID, channel: str, network: str, unless_recent: bool = False
) -> SendProblem | None:
    """Send a code to the draft's address on that channel; return why not, or None.

    Nothing here looks whether the address is registered, so nothing can tell. Raises DraftGone.
    """
    draft, answers = lock_draft(draft_id)
    contact = answers.contact(channel)
    if contact is None or contact.verified_at:
        return None
    value = typed_value_of(contact.channel, contact.address)
    indexes = indexes_of(value)
    if unless_recent and _is_recent(draft_id, indexes):
        return None
    problem = take_send(value, draft=str(draft_id), network=network)
    if problem:
        return problem
    challenge = Challenge.objects.create(
        draft=draft,
        channel=channel,
        address=contact.address,
        address_index=indexes[0],
        language=answers.language,
    )
    queue_one(
        purpose=VERIFICATION,
        lane=Lane.VERIFICATION,
        recipient_id=challenge.pk,
        subject_id=None,
        channel=channel,
        language=answers.language,
        texts=[verification_text(answers.language)],
        expires_at=challenge.expires_at,
    )
    return None


@transaction.atomic
def confirm_code(*, draft_id: UUID, channel: str, typed: str) -> CodeProblem | None:
    """Prove the draft's address on that channel; return why not, or None.

    Raises DraftGone. A wrong code costs a try of the newest challenge, and five end it.
    """
    draft, answers = lock_draft(draft_id)
    contact = answers.contact(channel)
    if contact is not None and contact.verified_at:
        return None  # The page was sent twice.
    code = read_code(typed)
    if code is None:
        return CodeProblem.MALFORMED
    problem = _check_code(draft, channel, contact.address if contact else "", code)
    if problem or contact is None:
        return problem
    proved = replace(contact, verified_at=timezone.now())
    answers = replace(
        answers,
        contacts=tuple(proved if item is contact else item for item in answers.contacts),
    )
    draft.answers = answers.to_json()
    draft.save(update_fields=["answers"])
    return None


def has_live_code(*, draft_id: UUID) -> bool:
    """Whether some code of the draft can still be typed."""
    return Challenge.objects.filter(
        draft_id=draft_id, expires_at__gt=timezone.now(), used_at__isnull=True, tries__lt=TRIES
    ).exists()


def _is_recent(draft_id: UUID, address_indexes: list[bytes]) -> bool:
    return Challenge.objects.filter(
        draft_id=draft_id,
        address_index__in=address_indexes,
        used_at__isnull=True,
        created_at__gt=timezone.now() - RECENT,
    ).exists()


def _check_code(draft: Draft, channel: str, address: str, code: str) -> CodeProblem | None:
    sent = [
        challenge
        for challenge in Challenge.objects.filter(draft=draft, channel=channel).order_by(
            "-created_at"
        )
        if challenge.address == address
    ]
    if not sent:
        return CodeProblem.NOT_SENT
    newest = sent[0]
    if newest.tries >= TRIES:
        return CodeProblem.TOO_MANY
    if not is_code_of(newest.pk, code):
        Challenge.objects.filter(pk=newest.pk).update(tries=F("tries") + 1)
        earlier = [challenge for challenge in sent[1:] if is_code_of(challenge.pk, code)]
        if earlier:
            return CodeProblem.USED if earlier[0].used_at else CodeProblem.OLD
        return CodeProblem.TOO_MANY if newest.tries + 1 >= TRIES else CodeProblem.WRONG
    if newest.used_at:
        return CodeProblem.USED
    now = timezone.now()
    if newest.expires_at <= now:
        return CodeProblem.EXPIRED
    used = Challenge.objects.filter(pk=newest.pk, used_at__isnull=True).update(used_at=now)
    return None if used else CodeProblem.USED
