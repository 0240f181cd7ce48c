"""What an officer does with a text that marked nobody: reads it, says whom it means, or nobody."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import ledger
from audit.actors import Actor
from crises.actions.answering import answer_for
from crises.actions.refusals import Refused, must_be_open, must_lead, purpose_of
from crises.actions.replying import Candidate, candidates_of, sender_of
from crises.enums import AnsweredVia, Choice, ReplyOutcome
from crises.models import Crisis, IncomingReply
from crises.replies import Reading, read_reply
from registrations.models import Person
from registrations.references import reference_of


@dataclass(frozen=True, slots=True)
class Meant:
    """Somebody whom a text may mean."""

    person_id: UUID
    reference: str
    name: str


@dataclass(frozen=True, slots=True)
class OpenedReply:
    """A text as an officer reads it. Its repr would show it: it is never logged."""

    text: str
    sender: str
    people: tuple[Meant, ...]
    reading: Reading


@transaction.atomic
def open_reply(*, crisis: Crisis, reply: IncomingReply, by: User) -> OpenedReply:
    """Read a text and its sender, with whom in this crisis it may mean. Raises Refused."""
    _must_be_theirs(crisis, reply, by)
    text, sender = reply.text or "", reply.sender or ""
    ids = list({one.person_id: None for one in _candidates(crisis, reply)})
    names = {one.pk: one.name for one in Person.objects.filter(pk__in=ids).order_by("pk")}
    ledger.record(
        action="reply.read",
        by=by,
        purpose=purpose_of(crisis),
        subjects=ids,
        object_type="crises.incomingreply",
        object_id=reply.pk,
        details={"reason": reply.reason, "crisis": crisis.pk, "people": len(ids)},
    )
    people = [Meant(pk, reference_of(pk), names[pk]) for pk in ids if pk in names]
    return OpenedReply(text, sender, tuple(people), read_reply(text))


@transaction.atomic
def assign_reply(
    *, crisis: Crisis, reply: IncomingReply, person_id: UUID, choice: Choice, by: User
) -> None:
    """Record a text as the answer of one of those it may mean. Raises Refused."""
    locked = _take(crisis, reply, by)
    meant = next((one for one in _candidates(crisis, locked) if one.person_id == person_id), None)
    if meant is None:
        raise Refused(_("This person was not written to at that address in this crisis."))
    answer_for(
        crisis=crisis,
        person_id=person_id,
        choice=choice,
        via=AnsweredVia.OFFICER,
        by=Actor.of(by),
        delivery_id=meant.delivery_id,
        notice=meant.notice,
        note=locked.text or "",
    )
    _handled(crisis, locked, ReplyOutcome.ASSIGNED, by, [person_id])


@transaction.atomic
def dismiss_reply(*, crisis: Crisis, reply: IncomingReply, by: User) -> None:
    """Handled, and it marks nobody. Raises Refused."""
    _handled(crisis, _take(crisis, reply, by), ReplyOutcome.NOBODY, by, [])


def _candidates(crisis: Crisis, reply: IncomingReply) -> tuple[Candidate, ...]:
    value = sender_of(reply.channel, reply.sender or "")
    return candidates_of(value, crisis).candidates if value else ()


def _must_be_theirs(crisis: Crisis, reply: IncomingReply, by: User) -> None:
    must_be_open(crisis)
    must_lead(by, crisis.countries)
    if reply.crisis_id not in {None, crisis.pk}:
        raise Refused(_("This answer belongs to another crisis."))


def _take(crisis: Crisis, reply: IncomingReply, by: User) -> IncomingReply:
    """The reply, locked, if nobody has handled it yet."""
    _must_be_theirs(crisis, reply, by)
    locked = IncomingReply.objects.select_for_update().filter(pk=reply.pk, handled_at=None).first()
    if locked is None:
        raise Refused(_("Somebody else has handled this answer."))
    return locked


def _handled(
    crisis: Crisis, reply: IncomingReply, outcome: ReplyOutcome, by: User, subjects: list[UUID]
) -> None:
    """Of who was marked the answer tells; the text goes with its use."""
    changed = IncomingReply.objects.filter(pk=reply.pk)
    changed.update(outcome=outcome, handled_at=timezone.now(), handled_by=by, crisis=crisis)
    if outcome == ReplyOutcome.ASSIGNED:
        changed.update(text=None, sender=None, sender_index=None)
    ledger.record(
        action="reply.assign" if subjects else "reply.dismiss",
        by=by,
        purpose=purpose_of(crisis),
        subjects=subjects,
        object_type="crises.incomingreply",
        object_id=reply.pk,
        details={"reason": reply.reason},
    )
