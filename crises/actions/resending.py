"""A notice again, for those whom it did not reach: the same approval, the same words."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from crises.actions.recording import record_notice
from crises.actions.refusals import Refused, moved_on, must_be_open, must_lead
from crises.actions.sending import problem_of
from crises.enums import NoticeState
from crises.models import Notice
from notifications import actions as messages
from notifications.actions import ResendReport

_SENT_OR_SENDING = frozenset({NoticeState.SENDING, NoticeState.SENT})


def may_resend(notice: Notice) -> bool:
    """Whether the approval would still carry it: in force, in time, the crisis open."""
    return notice.state in _SENT_OR_SENDING and not problem_of(notice)


@transaction.atomic
def resend_notice(*, notice: Notice, by: User) -> ResendReport:
    """Send it again to those not reached; a second click finds none. Raises Refused."""
    must_lead(by, notice.crisis.countries)
    locked = (
        Notice.objects.select_for_update(of=("self",))
        .select_related("crisis__post", "area", "approver", "message")
        .get(pk=notice.pk)
    )
    if locked.state not in _SENT_OR_SENDING or locked.message is None:
        raise moved_on()
    must_be_open(locked.crisis)
    problem = problem_of(locked)
    if problem == "expired":
        raise Refused(_("The notice has expired. Write a new one."))
    if problem:
        raise Refused(_("The approval of this notice no longer stands. Write a new one."))
    try:
        report = messages.resend_missing(message=locked.message, by=by)
    except messages.MessageMoved as error:
        raise moved_on() from error
    if report.again:
        Notice.objects.filter(pk=notice.pk, state=NoticeState.SENT).update(
            state=NoticeState.SENDING, finished_at=None
        )
        record_notice("notice.resend", locked, by=by, details={"again": report.again})
    return report
