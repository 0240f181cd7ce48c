"""The mails to those who oversee, in the active language. They name no officer and no person."""

from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.models import Head
from notifications.watching.models import Trouble
from oversight import troubles
from oversight.enums import AlarmKind
from oversight.models import Alarm

# A mail repeats the lines of these days, so that a lost mail leaves no gap.
HEADS_IN_MAIL = 14


def alarm_mail(alarm: Alarm) -> tuple[str, str]:
    """Subject and words."""
    subject = _("Alarm: %(kind)s") % {"kind": AlarmKind(alarm.kind).label}
    lines = [
        _("The portal noticed something that you should look into."),
        "",
        str(AlarmKind(alarm.kind).label),
        counted(alarm),
        _("Last act: %(when)s UTC") % {"when": date_format(alarm.last_at, "Y-m-d H:i")},
        "",
        _("Who it was, and what to do, is on this page. Sign in to read it:"),
        settings.PORTAL_URL + reverse("read_alarm", args=[alarm.pk]),
    ]
    return subject, "\n".join(lines)


def counted(alarm: Alarm) -> str:
    """How many, of what, in one sentence."""
    numbers = {"count": alarm.count, "limit": alarm.threshold}
    if alarm.kind in {AlarmKind.EXPORTED, AlarmKind.APPROVED_ALONE}:
        return (
            ngettext("%(count)d time within a day.", "%(count)d times within a day.", alarm.count)
            % numbers
        )
    if alarm.kind == AlarmKind.COUNTED_SMALL:
        return (
            ngettext(
                "%(count)d small area within a day; an alarm is raised above %(limit)d.",
                "%(count)d small areas within a day; an alarm is raised above %(limit)d.",
                alarm.count,
            )
            % numbers
        )
    if alarm.kind == AlarmKind.CHAIN_BROKEN:
        return (
            ngettext(
                "The chain does not hold in %(count)d place.",
                "The chain does not hold in %(count)d places.",
                alarm.count,
            )
            % numbers
        )
    if alarm.kind == AlarmKind.READ_IN_HOUR:
        return (
            ngettext(
                "%(count)d person within an hour; an alarm is raised above %(limit)d.",
                "%(count)d people within an hour; an alarm is raised above %(limit)d.",
                alarm.count,
            )
            % numbers
        )
    return (
        ngettext(
            "%(count)d person within a day; an alarm is raised above %(limit)d.",
            "%(count)d people within a day; an alarm is raised above %(limit)d.",
            alarm.count,
        )
        % numbers
    )


def trouble_mail(trouble: Trouble, *, has_ended: bool) -> tuple[str, str]:
    """Subject and words for an operator, when it began and when it has ended."""
    what = troubles.title(trouble)
    if has_ended and trouble.ended_at is not None:
        subject = _("Over: %(what)s") % {"what": what}
        took = troubles.lasting((trouble.ended_at - trouble.began_at).total_seconds())
        lines = [_("This is over. It lasted for %(time)s.") % {"time": took}]
    else:
        subject = _("Sending: %(what)s") % {"what": what}
        lines = [troubles.figure(trouble), troubles.first_look(trouble)]
    began = date_format(trouble.began_at, "Y-m-d H:i")
    lines = [
        what,
        _("Since %(when)s UTC") % {"when": began},
        *lines,
        "",
        _("How sending stands now, and what to do, is on this page. Sign in to read it:"),
        settings.PORTAL_URL + reverse("show_sending"),
    ]
    return subject, "\n".join(lines)


def heads_mail(heads: QuerySet[Head]) -> tuple[str, str]:
    """Subject and words; the lines are what verify_ledger --heads reads."""
    newest = list(heads.order_by("-day")[:HEADS_IN_MAIL])
    subject = _("Heads of the ledger up to %(day)s") % {"day": newest[0].day.isoformat()}
    lines = [
        _("Keep this mail. Each line is a fingerprint of the whole ledger at the end of a day."),
        _("If somebody rewrites the past, the lines no longer fit: verify_ledger --heads says so."),
        "",
        *(head.line for head in reversed(newest)),
        "",
        settings.PORTAL_URL + reverse("list_heads"),
    ]
    return subject, "\n".join(lines)
