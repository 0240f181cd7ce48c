"""From an approved notice to fixed recipients; pausing, stopping and finishing it.

Everything here may be done twice, at once, or after a crash half-way.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from uuid import UUID

import rules
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import User
from audit import ledger
from audit.actors import Actor
from crises.actions.recording import record_notice
from crises.actions.refusals import moved_on, must_lead, purpose_of, sources_of
from crises.audience import audience, reported_audience
from crises.enums import NoticeKind, NoticeState
from crises.erasing import forget_the_erased
from crises.models import Notice
from crises.rules import DECIDE_FOR
from crises.texts import WHY, compose
from notifications import actions as messages
from notifications.enums import Lane, MessageState
from notifications.models import Delivery, Message
from registrations.models import ContactPoint

logger = logging.getLogger(__name__)

# A freeze that finds so many per cent more, or fewer, than were approved goes back to the approver.
DRIFT_PERCENT = 10
FREEZER = Actor.system("freeze")


@dataclass(frozen=True, slots=True)
class _Found:
    """What a freeze found; those included on vital interest are counted apart."""

    messages: int
    people: int
    reported_messages: int = 0
    reported_people: int = 0

    @property
    def all_messages(self) -> int:
        return self.messages + self.reported_messages


class _Drifted(Exception):
    def __init__(self, found: _Found) -> None:
        super().__init__(found.all_messages)
        self.found = found


def freeze_notice(notice_id: UUID) -> str:
    """Turn the approved audience into deliveries, once; returns the notice's state.

    The approval is checked again first. The audience, the deliveries and the ledger entry are one
    transaction: a crash leaves the notice approved, and the sweeper comes back to it.
    """
    with transaction.atomic():
        notice = (
            Notice.objects.select_for_update(of=("self",))
            .select_related("crisis__post", "area", "approver")
            .get(pk=notice_id)
        )
        if notice.state == NoticeState.APPROVED:
            problem = problem_of(notice)
            if problem:
                _refuse(notice, problem)
            else:
                _freeze(notice)
    begin_sending(notice_id)
    return str(Notice.objects.values_list("state", flat=True).get(pk=notice_id))


def begin_sending(notice_id: UUID) -> bool:
    """FROZEN to SENDING, if the approval still stands."""
    notice = Notice.objects.filter(pk=notice_id, state=NoticeState.FROZEN).first()
    if notice is None or not notice.approval_stands:
        return False
    return bool(
        Notice.objects.filter(
            pk=notice_id, state=NoticeState.FROZEN, approver__isnull=False
        ).update(state=NoticeState.SENDING)
    )


def sweep_notices() -> None:
    """Take up what a lost doorbell or a dead worker has left; finish what has been sent."""
    waiting = Notice.objects.filter(state__in=[NoticeState.APPROVED, NoticeState.FROZEN])
    for notice_id in waiting.order_by("approved_at").values_list("pk", flat=True):
        try:
            freeze_notice(notice_id)
        except Exception as error:
            # One notice that cannot be frozen, for whatever reason, holds no other back.
            logger.error("notice %s not frozen: %s", notice_id, type(error).__name__)
    finish_notices()


def finish_notices() -> int:
    done = Message.objects.filter(pk=OuterRef("message_id"), state=MessageState.DONE)
    finished = Notice.objects.filter(Exists(done), state=NoticeState.SENDING)
    ids = list(finished.order_by("pk").values_list("pk", flat=True))
    for notice_id in ids:
        forget_the_erased(notice_id)
    return Notice.objects.filter(pk__in=ids, state=NoticeState.SENDING).update(
        state=NoticeState.SENT, finished_at=timezone.now()
    )


@transaction.atomic
def pause_notice(*, notice: Notice, by: User) -> None:
    _steer(notice, by, messages.pause)


@transaction.atomic
def resume_notice(*, notice: Notice, by: User) -> None:
    _steer(notice, by, messages.resume)


@transaction.atomic
def pause_sending(*, by: Actor) -> int:
    """Pause every notice under way, whoever leads it: in a restored database some were sent to the
    end since, or took a successor that is lost. Returns how many.
    """
    under_way = Notice.objects.filter(message__state=MessageState.SENDING).select_related("message")
    notices = list(under_way.order_by("pk"))
    for notice in notices:
        if notice.message is not None:
            messages.pause(notice.message, by)
    return len(notices)


@transaction.atomic
def abort_notice(*, notice: Notice, by: User) -> Notice:
    """Stop a notice for good, wherever it stands before SENT. Raises Refused."""
    must_lead(by, notice.crisis.countries)
    locked = Notice.objects.select_for_update().get(pk=notice.pk)
    if locked.state not in sources_of(NoticeState.ABORTED):
        raise moved_on()
    return stop_notice(locked, by=by)


def stop_notice(notice: Notice, *, by: User) -> Notice:
    """Abort a locked notice and what is left of its message, with a ledger entry."""
    before = notice.state
    Notice.objects.filter(pk=notice.pk, state__in=sources_of(NoticeState.ABORTED)).update(
        state=NoticeState.ABORTED, finished_at=timezone.now()
    )
    if notice.message is not None and notice.message.state != MessageState.DONE:
        messages.abort(notice.message, by)
    record_notice("notice.abort", notice, by=by, details={"was": before})
    notice.refresh_from_db()
    return notice


def _steer(notice: Notice, by: User, move: object) -> None:
    must_lead(by, notice.crisis.countries)
    message = Notice.objects.select_related("message").get(pk=notice.pk).message
    if message is None:
        raise moved_on()
    try:
        move(message, by)  # type: ignore[operator]
    except messages.MessageMoved as error:
        raise moved_on() from error


def problem_of(notice: Notice) -> str:
    """Why the worker may not send this, whatever the state says; "" when it may."""
    approver = notice.approver
    if not notice.approval_stands or approver is None:
        return "not_approved_by_another"
    if not rules.has_perm(DECIDE_FOR, approver, notice.area.countries):
        return "approver_may_not"
    if notice.content_digest != notice.digest_of_content():
        return "changed_after_approval"
    # The shape itself, not what is written beside it: it decides who is written to.
    if notice.area.area.digest != notice.area_digest:
        return "area_changed_after_approval"
    if not notice.crisis.is_open:
        return "crisis_closed"
    if notice.expires_at is None or notice.expires_at <= timezone.now():
        return "expired"
    return ""


def _refuse(notice: Notice, problem: str) -> None:
    over = problem in {"crisis_closed", "expired"}
    _back(notice, NoticeState.ABORTED if over else NoticeState.SUBMITTED)
    record_notice("notice.refuse", notice, by=FREEZER, details={"reason": problem})
    logger.error("notice %s was not sent: %s", notice.pk, problem)


def _back(notice: Notice, state: NoticeState, **changes: object) -> None:
    if state == NoticeState.SUBMITTED:
        changes |= {"approver": None, "approved_at": None, "break_glass_reason": None}
        changes["vital_interest"] = False
    else:
        changes["finished_at"] = timezone.now()
    Notice.objects.filter(pk=notice.pk, state=NoticeState.APPROVED).update(state=state, **changes)


def _freeze(notice: Notice) -> None:
    # Whoever takes their consent back from here on may be among the recipients already.
    began = timezone.now()
    try:
        # Its own savepoint: an audience that has drifted leaves no delivery behind.
        with transaction.atomic():
            message, found = _write_deliveries(notice)
    except _Drifted as drifted:
        _return_to_approver(notice, drifted)
        return
    Notice.objects.filter(pk=notice.pk, state__in=sources_of(NoticeState.FROZEN)).update(
        state=NoticeState.FROZEN,
        message=message,
        frozen_at=began,
        frozen_count=found.all_messages,
        frozen_people=found.people + found.reported_people,
    )
    ledger.record_bulk(
        action="notice.freeze",
        by=FREEZER,
        purpose=purpose_of(notice.crisis),
        subject_query=Delivery.objects.filter(message=message).values("subject_id"),
        object_type="crises.notice",
        object_id=notice.pk,
        details={
            "message": message.pk,
            "approved": notice.approved_count,
            "messages": found.all_messages,
            "people": found.people + found.reported_people,
            "vital_interest": found.reported_people,
            "kind": notice.kind,
            "area_digest": notice.area_digest,
        },
    )


def _write_deliveries(notice: Notice) -> tuple[Message, _Found]:
    if notice.expires_at is None:
        raise ValueError("An approved notice has an expiry.")
    message = messages.create_message(
        purpose="crisis",
        lane=Lane.CRISIS,
        texts=compose(notice),
        expires_at=notice.expires_at,
        context_id=notice.crisis_id,
        available={"link", "stop", "reply_code", WHY},
        required={"link"},
    )
    there = (notice.area.area, notice.window_start, notice.window_end, notice.classes)
    kind = NoticeKind(notice.kind)
    count, people = _add(message, audience(*there, kind=kind, crisis_id=notice.crisis_id))
    found = _Found(count, people)
    if notice.vital_interest:
        total, everybody = _add(message, reported_audience(*there, crisis_id=notice.crisis_id))
        found = _Found(count, people, total - count, everybody - people)
    if _has_drifted(notice, found):
        raise _Drifted(found)
    return message, found


def _has_drifted(notice: Notice, found: _Found) -> bool:
    """Whether too many came or went since the approval; to and fro do not make up for each other.

    Those included on vital interest are approved as a number of their own.
    """
    approved = notice.approved_count or 0
    reported = (notice.reported_messages or 0) if notice.vital_interest else 0
    moved = abs(found.messages - (approved - reported)) + abs(found.reported_messages - reported)
    return moved * 100 > approved * DRIFT_PERCENT


def _add(message: Message, points: QuerySet[ContactPoint]) -> tuple[int, int]:
    """Add an audience to a message; return its messages and its people, all in all."""
    rows = points.values_list("pk", "person_id", "channel", "person__language")
    count = messages.freeze(message, rows=rows)
    people = message.deliveries.aggregate(people=Count("subject_id", distinct=True))["people"]
    return count, people


def _return_to_approver(notice: Notice, drifted: _Drifted) -> None:
    """Back to SUBMITTED with the new figure; approved_count keeps what had been approved."""
    reported = {}
    if notice.vital_interest:
        reported = {
            "reported_messages": drifted.found.reported_messages,
            "reported_people": drifted.found.reported_people,
        }
    _back(
        notice,
        NoticeState.SUBMITTED,
        previewed_count=drifted.found.messages,
        # An exercise goes on showing what a calm count said.
        previewed_people=notice.previewed_people
        if notice.crisis.is_drill
        else drifted.found.people,
        previewed_at=timezone.now(),
        **reported,
    )
    record_notice(
        "notice.return_to_approver",
        notice,
        by=FREEZER,
        details={"approved": notice.approved_count, "found": drifted.found.all_messages},
    )
