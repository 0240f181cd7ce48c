"""The second officer's decision on a notice, and the author's break-glass."""

from __future__ import annotations

import logging

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from crises.actions.recording import record_notice
from crises.actions.refusals import (
    Refused,
    moved_on,
    must_be_author,
    must_be_in_time,
    must_be_open,
    must_see_all,
    sources_of,
)
from crises.actions.writing import submit_notice
from crises.doorbell import ring_freeze
from crises.enums import EDITABLE, NoticeState
from crises.models import Notice
from privacy.processing import LegalBasis

logger = logging.getLogger(__name__)


@transaction.atomic
def approve_notice(
    *, notice: Notice, by: User, seen_digest: str = "", vital_interest: bool = False
) -> Notice:
    """Approve what another officer wrote; a worker then fixes the recipients. Raises Refused.

    `seen_digest` is the content_digest (or area_digest) of the page that the approver read: an
    approval of what has since been changed is refused. `vital_interest` includes those whom only
    others reported, or whose address nobody proved: in mortal danger alone.
    """
    notice = _read(notice)
    if notice.author_id == by.pk:
        raise Refused(_("You wrote this notice: another officer must approve it."))
    must_see_all(by, notice.area.countries)
    must_be_open(notice.crisis)
    must_be_in_time(notice)
    if seen_digest and seen_digest not in (notice.content_digest, notice.area_digest):
        raise Refused(_("The notice has been changed since you opened it. Read it again."))
    if vital_interest:
        _must_be_vital(notice)
    # The digest is asked for again in the same statement: nothing may slip in between.
    moved = (
        Notice.objects.filter(
            pk=notice.pk,
            state__in=sources_of(NoticeState.APPROVED),
            content_digest=notice.content_digest,
        )
        .exclude(author=by)
        .update(
            state=NoticeState.APPROVED,
            approver=by,
            approved_at=timezone.now(),
            approved_count=F("previewed_count") + (_reported(notice) if vital_interest else 0),
            vital_interest=vital_interest,
            break_glass_reason=None,
        )
    )
    if not moved:
        raise moved_on()
    notice.refresh_from_db()
    _record("notice.approve", notice, by)
    _record_vital(notice, by)
    ring_freeze(notice.pk)
    return notice


@transaction.atomic
def return_notice(*, notice: Notice, reason: str, by: User) -> Notice:
    """Send a notice back to its author, with the reason. Raises Refused."""
    notice = _read(notice)
    if notice.author_id == by.pk:
        raise Refused(_("You wrote this notice: another officer must decide on it."))
    must_see_all(by, notice.area.countries)
    must_be_open(notice.crisis)
    if not reason.strip():
        raise Refused(_("Give the author a reason."))
    moved = (
        Notice.objects.filter(pk=notice.pk, state__in=sources_of(NoticeState.RETURNED))
        .exclude(author=by)
        .update(state=NoticeState.RETURNED, returned_reason=reason.strip()[:1000])
    )
    if not moved:
        raise moved_on()
    notice.refresh_from_db()
    _record("notice.return", notice, by, note=reason.strip()[:1000])
    return notice


@transaction.atomic
def break_glass(*, notice: Notice, reason: str, by: User, vital_interest: bool = False) -> Notice:
    """Let the author send alone, in extreme urgency only; the reason is sealed. Raises Refused.

    `vital_interest` is as in approve_notice.
    """
    notice = _read(notice)
    must_be_author(notice, by)
    must_see_all(by, notice.area.countries)
    must_be_open(notice.crisis)
    if not notice.is_extreme:
        raise Refused(
            _("You can send alone only when urgency is immediate and severity severe or extreme.")
        )
    if not reason.strip():
        raise Refused(_("Say why nobody else could approve this."))
    if notice.state in EDITABLE:
        notice = submit_notice(notice=notice, by=by)
    must_be_in_time(notice)
    # A sealed field is written by save() alone, so the row is locked instead of updated on a
    # condition.
    locked = Notice.objects.select_for_update().get(pk=notice.pk)
    if locked.state not in sources_of(NoticeState.APPROVED):
        raise moved_on()
    locked.state = NoticeState.APPROVED
    locked.approver = by
    locked.approved_at = timezone.now()
    if vital_interest:
        _must_be_vital(locked)
    locked.vital_interest = vital_interest
    extra = _reported(locked) if vital_interest else 0
    locked.approved_count = (locked.previewed_count or 0) + extra
    locked.break_glass_reason = reason.strip()[:1000]
    try:
        with transaction.atomic():
            locked.save(
                update_fields=[
                    "state",
                    "approver",
                    "approved_at",
                    "approved_count",
                    "vital_interest",
                    "break_glass_reason",
                ]
            )
    except IntegrityError as error:
        raise moved_on() from error
    _record("notice.break_glass", locked, by, note=locked.break_glass_reason, alone=True)
    _record_vital(locked, by)
    logger.warning("BREAK-GLASS: notice %s was approved by its author alone", locked.pk)
    ring_freeze(locked.pk)
    return locked


def _read(notice: Notice) -> Notice:
    return Notice.objects.select_related("crisis", "area").get(pk=notice.pk)


def _reported(notice: Notice) -> int:
    return notice.reported_messages or 0


def _must_be_vital(notice: Notice) -> None:
    if not notice.may_warn_reported:
        raise Refused(
            _(
                "People who never agreed may be written to only when urgency is immediate and "
                "severity severe or extreme."
            )
        )


def _record_vital(notice: Notice, by: User) -> None:
    if not notice.vital_interest:
        return
    details = {
        "crisis": notice.crisis_id,
        "version": notice.version,
        "people": notice.reported_people,
        "messages": notice.reported_messages,
        "basis": LegalBasis.VITAL_INTEREST.value,
    }
    record_notice("notice.vital_interest", notice, by=by, details=details)


def _record(action: str, notice: Notice, by: User, *, note: str = "", alone: bool = False) -> None:
    details: dict[str, object] = {
        "crisis": notice.crisis_id,
        "version": notice.version,
        "area_digest": notice.area_digest,
        "content_digest": notice.content_digest,
        "classes": sorted(notice.classes),
        "previewed": notice.previewed_count,
        "people": notice.previewed_people,
    }
    if alone:
        details |= {"BREAK_GLASS": True, "second_officer": None}
    record_notice(action, notice, by=by, details=details, note=note)
