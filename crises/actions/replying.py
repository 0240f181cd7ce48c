"""Taking what people answer by text: recorded where it can mean one person only, else kept for an
officer. A gateway that sends a text twice changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit import ledger
from audit.actors import Actor
from audit.purposes import Purpose
from crises.actions.answering import answer_for
from crises.actions.stopping import stop_for_person
from crises.confirming import confirm
from crises.enums import AnsweredVia, CrisisState, ReplyOutcome, Unclear
from crises.models import Crisis, IncomingReply, Notice
from crises.replies import LONGEST, Reading, read_reply
from notifications.enums import Channel
from notifications.links import reply_code
from notifications.models import Delivery
from notifications.ports import Inbound
from registrations.contacts import Address, index_of, indexes_of, value_of
from registrations.limits import take_turn
from registrations.models import ContactPoint
from registrations.people_standing import standing
from registrations.validation import MailAddress, PhoneNumber

# More from one sender in an hour tells an officer nothing new. What may be a call for help is
# counted apart: whoever writes in somebody's name silences no such call of theirs.
KEPT_PER_HOUR = 20
CALLS_KEPT_PER_HOUR = 100
_VIA: dict[str, AnsweredVia] = {
    Channel.SMS: AnsweredVia.SMS,
    Channel.WHATSAPP: AnsweredVia.WHATSAPP,
    Channel.TELEGRAM: AnsweredVia.TELEGRAM,
    Channel.MAIL: AnsweredVia.MAIL,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Whom an answer may be about: somebody who was sent a notice of an open crisis there."""

    notice: Notice
    person_id: UUID
    delivery_id: UUID

    @property
    def crisis(self) -> Crisis:
        return self.notice.crisis


@dataclass(frozen=True, slots=True)
class _Sender:
    """Who stands behind an address: everybody registered with it, and what was sent to it."""

    people: frozenset[UUID]
    candidates: tuple[Candidate, ...]


def candidates_of(value: Address, crisis: Crisis | None = None) -> _Sender:
    """Whoever has this address, and their notices of open crises (or of one), the newest first."""
    points = list(
        ContactPoint.objects.filter(address_index__in=indexes_of(value), replaced_at=None)
        .order_by("pk")
        .values_list("pk", "person_id")
    )
    notices = Notice.objects.filter(crisis__state=CrisisState.OPEN, message__isnull=False)
    if crisis is not None:
        notices = notices.filter(crisis=crisis)
    by_message = {notice.message_id: notice for notice in notices.select_related("crisis", "area")}
    sent = Delivery.objects.filter(
        # Both: the rows are found by the constraint that one message goes to one address once.
        message_id__in=list(by_message),
        recipient_id__in=[pk for pk, _person in points],
        subject_id__isnull=False,
        attempt__gt=0,
    ).order_by("-created_at", "pk")
    found = [
        Candidate(by_message[message], standing(subject), pk)
        for pk, message, subject in sent.values_list("pk", "message_id", "subject_id")
        if subject is not None
    ]
    return _Sender(frozenset(standing(person) for _pk, person in points), tuple(found))


def take_reply(inbound: Inbound) -> IncomingReply | None:
    """Record an answer, or keep the text for an officer. None: it came before, or is one too many.

    Raises nothing for any text or sender.
    """
    value = sender_of(inbound.channel, inbound.sender)
    reading = read_reply(inbound.text)
    sender = candidates_of(value) if value else _Sender(frozenset(), ())
    meant = _meant(reading, sender, inbound.in_reply_to)
    try:
        with transaction.atomic():
            if isinstance(meant, Candidate):
                return _record(inbound, reading, meant)
            crisis = sender.candidates[0].crisis if sender.candidates else None
            return _keep(inbound, reading, value, meant, crisis)
    except IntegrityError:
        # The constraint knows it: what the same provider names alike is one text.
        return None


def sender_of(channel: str, sender: str) -> Address | None:
    """The address as contact points are found by it; None for what is no address."""
    try:
        if channel == Channel.MAIL:
            return MailAddress.parse(sender)
        if channel in {Channel.SMS, Channel.WHATSAPP}:
            return PhoneNumber.parse(sender if sender.startswith("+") else f"+{sender}")
    except ValidationError:
        return None
    return value_of(channel, sender) if sender else None


def sender_again(reply: IncomingReply) -> bytes | None:
    """The index of a text's sender, made anew."""
    value = sender_of(reply.channel, reply.sender) if reply.sender else None
    return index_of(value) if value else None


def via_of(channel: str) -> AnsweredVia:
    return _VIA.get(channel, AnsweredVia.SMS)


def _meant(reading: Reading, sender: _Sender, answered: UUID | None) -> Candidate | Unclear:
    """The one whom it can only mean, with the notice answered; else why it marks nobody."""
    if not sender.people:
        return Unclear.UNKNOWN_SENDER
    if reading.trouble is not None:
        return Unclear(reading.trouble.value)
    if not sender.candidates:
        return Unclear.NO_CRISIS
    possible = sender.candidates
    if reading.code:
        possible = tuple(one for one in possible if reply_code(one.delivery_id) == reading.code)
    elif answered is not None:
        possible = tuple(one for one in possible if one.delivery_id == answered)
    elif len(sender.people) > 1:
        return Unclear.SEVERAL
    if not possible:
        return Unclear.WRONG_CODE
    if len({(one.crisis.pk, one.person_id) for one in possible}) > 1:
        return Unclear.SEVERAL
    return possible[0]


def _record(inbound: Inbound, reading: Reading, meant: Candidate) -> IncomingReply:
    row = _row(inbound, crisis=meant.crisis, handled_at=timezone.now())
    row.outcome = ReplyOutcome.STOPPED if reading.stops else ReplyOutcome.RECORDED
    row.save(force_insert=True)
    by = Actor.traveller(meant.person_id)
    if reading.choice is None:
        stop_for_person(crisis=meant.crisis, person_id=meant.person_id, by=by)
        return row
    answer = answer_for(
        crisis=meant.crisis,
        person_id=meant.person_id,
        choice=reading.choice,
        via=via_of(inbound.channel),
        by=by,
        delivery_id=meant.delivery_id,
        notice=meant.notice,
        note=inbound.text[:LONGEST] if reading.has_note else "",
    )
    # The same answer again is recorded already, and was confirmed then.
    if answer.answered_at >= row.received_at:
        confirm(answer, Delivery.objects.get(pk=meant.delivery_id))
    return row


def _keep(
    inbound: Inbound,
    reading: Reading,
    value: Address | None,
    reason: Unclear,
    crisis: Crisis | None,
) -> IncomingReply | None:
    who = value.address if value else inbound.sender
    if reading.is_urgent:
        may_stay = take_turn("kept-call", who, limit=CALLS_KEPT_PER_HOUR)
    else:
        may_stay = take_turn("kept-reply", who, limit=KEPT_PER_HOUR)
    if not may_stay:
        return None
    row = _row(inbound, crisis=crisis, reason=reason, may_call_for_help=reading.is_urgent)
    row.text = _printable(inbound.text, LONGEST) or None
    row.sender = _printable(who, 254) or None
    row.sender_index = index_of(value) if value else None
    row.save(force_insert=True)
    ledger.record(
        action="reply.keep",
        by=Actor.system("replies"),
        purpose=Purpose.EXERCISE if crisis and crisis.is_drill else Purpose.CRISIS,
        object_type="crises.incomingreply",
        object_id=row.pk,
        details={"reason": reason.value, "channel": inbound.channel},
    )
    return row


def _row(inbound: Inbound, **fields: object) -> IncomingReply:
    return IncomingReply(
        channel=inbound.channel,
        provider=inbound.provider,
        provider_reference=_printable(inbound.provider_reference, 100),
        **fields,
    )


def _printable(text: str, limit: int) -> str:
    """Without NUL, which no column takes."""
    return text.replace("\0", "")[:limit]
