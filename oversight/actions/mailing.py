"""Mail to those who oversee: a row first, sent at once, and tried again until it is gone."""

from __future__ import annotations

import datetime as dt
import logging
from smtplib import SMTPException, SMTPRecipientsRefused

from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import timezone, translation

from accounts.enums import Role
from accounts.models import User
from audit.models import Head
from notifications.watching.models import Trouble
from oversight.models import Alarm, OverseerMail
from oversight.texts import alarm_mail, heads_mail, trouble_mail

logger = logging.getLogger(__name__)
_LONGEST_WAIT = dt.timedelta(hours=1)
_LEASE = dt.timedelta(minutes=2)


def queue_mails(
    *,
    role: Role,
    alarm: Alarm | None = None,
    head: Head | None = None,
    trouble: Trouble | None = None,
    has_ended: bool = False,
) -> int:
    """Write a mail for each active user of a role; return for how many. Each is told once."""
    to = User.objects.filter(role=role, is_active=True).order_by("pk")
    mails = [
        OverseerMail(recipient=user, alarm=alarm, head=head, trouble=trouble, has_ended=has_ended)
        for user in to
    ]
    OverseerMail.objects.bulk_create(mails, ignore_conflicts=True)
    return len(mails)


def send_waiting_mails(now: dt.datetime | None = None) -> int:
    """Send what is due; return how many went out. A mail server that is down ends the round."""
    moment = now or timezone.now()
    sent = 0
    connection = get_connection()
    try:
        while (mail := _claim(moment)) is not None:
            try:
                connection.send_messages([_message(mail)])
            except (SMTPException, OSError) as error:
                _put_off(mail, moment, error)
                if not isinstance(error, SMTPRecipientsRefused):
                    break
            else:
                OverseerMail.objects.filter(pk=mail.pk).update(sent_at=timezone.now())
                sent += 1
    finally:
        _close(connection)
    return sent


@transaction.atomic
def _claim(now: dt.datetime) -> OverseerMail | None:
    """The next one, leased: if this process dies, it is due again in two minutes."""
    waiting = OverseerMail.objects.filter(sent_at=None, due_at__lte=now)
    mail = (
        waiting.select_for_update(skip_locked=True, of=("self",))
        .select_related("recipient", "alarm", "head", "trouble")
        .order_by("due_at", "pk")
        .first()
    )
    if mail is not None:
        mail.tries += 1
        OverseerMail.objects.filter(pk=mail.pk).update(tries=mail.tries, due_at=now + _LEASE)
    return mail


def _put_off(mail: OverseerMail, now: dt.datetime, error: Exception) -> None:
    wait = min(dt.timedelta(minutes=2 ** min(mail.tries - 1, 10)), _LONGEST_WAIT)
    OverseerMail.objects.filter(pk=mail.pk).update(due_at=now + wait)
    logger.error(
        "Mail %s to those who oversee was not sent, try %d: %s",
        mail.pk, mail.tries, type(error).__name__,
    )  # fmt: skip


def _message(mail: OverseerMail) -> EmailMessage:
    with translation.override(mail.recipient.language):
        if mail.alarm is not None:
            subject, body = alarm_mail(mail.alarm)
        elif mail.trouble is not None:
            subject, body = trouble_mail(mail.trouble, has_ended=mail.has_ended)
        else:
            subject, body = heads_mail(Head.objects.filter(day__lte=mail.head_id))
    headers = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    return EmailMessage(subject, body, to=[mail.recipient.email], headers=headers)


def _close(connection: object) -> None:
    try:
        connection.close()  # type: ignore[attr-defined]
    except (SMTPException, OSError):
        logger.warning("The mail server hung up.")
