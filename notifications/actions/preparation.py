"""A message with its texts, and the freezing of its audience into deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from notifications.doorbell import ring
from notifications.enums import Channel, Lane, MessageState
from notifications.models import Message, MessageText
from notifications.templates import PLACEHOLDERS, TextOf, check_placeholders

BODY_LIMIT = 20_000
SMS_LIMIT = 1_000

# A SELECT of (recipient_id, subject_id, channel, language), as a query set or as SQL.
Rows = QuerySet[Any, Any] | tuple[str, Sequence[Any]]

_FREEZE = """
INSERT INTO notifications_delivery (
    id, message_id, recipient_id, subject_id, channel, language, lane, state, held,
    attempt, doubts, due_at, lease_owner, error_code, withheld_reason, provider_reference,
    provider, created_at)
SELECT gen_random_uuid(), %s, audience.recipient_id, audience.subject_id, audience.channel,
    audience.language, %s, 'queued', false, 0, 0, statement_timestamp(), '', '', '', '',
    '', statement_timestamp()
FROM ({rows}) AS audience (recipient_id, subject_id, channel, language)
ON CONFLICT (message_id, recipient_id) DO NOTHING
"""


@transaction.atomic
def create_message(
    *,
    purpose: str,
    lane: Lane,
    texts: Sequence[TextOf],
    expires_at: datetime,
    context_id: UUID | None = None,
    available: Iterable[str] = PLACEHOLDERS,
    required: Iterable[str] = (),
) -> Message:
    """Prepare a message; nothing is sent before `freeze`.

    `available` are the placeholders that the recipients' source fills in, `required` those that
    every body must hold. Raises ValidationError for a text that could not be sent to everybody.
    """
    return _write(
        Message(purpose=purpose, lane=lane, expires_at=expires_at, context_id=context_id),
        texts,
        available=available,
        required=required,
    )


def _write(
    message: Message,
    texts: Sequence[TextOf],
    *,
    available: Iterable[str] = PLACEHOLDERS,
    required: Iterable[str] = (),
) -> Message:
    if not texts:
        raise ValidationError(_("A message needs a text in at least one language."))
    for text in texts:
        _check(text, frozenset(available), frozenset(required))
    message.save(force_insert=True)
    MessageText.objects.bulk_create(
        MessageText(
            message=message,
            language=text.language,
            subject=text.subject,
            body=text.body,
            sms=text.sms,
        )
        for text in texts
    )
    return message


def _check(text: TextOf, available: frozenset[str], required: frozenset[str]) -> None:
    if not text.subject.strip() or not text.body.strip():
        raise ValidationError(_("A message needs a subject and a text in every language."))
    if any(ord(character) < 32 for character in text.subject) or len(text.subject) > 200:
        raise ValidationError(_("The subject must be one line of at most 200 characters."))
    if len(text.body) > BODY_LIMIT or len(text.sms) > SMS_LIMIT:
        raise ValidationError(_("The text is too long to be sent."))
    check_placeholders(text.subject, text.body, text.sms, available=available)
    check_placeholders(text.body, available=available, required=required)
    if text.sms:
        check_placeholders(text.sms, available=available, required=required)


@transaction.atomic
def freeze(message: Message, *, rows: Rows) -> int:
    """Turn an audience into deliveries and start sending; returns how many there are in all.

    `rows` selects (recipient_id, subject_id, channel, language), in this order. Doing it again,
    or at the same time, adds nobody twice. A message that was paused, aborted or is done takes
    nobody more.
    """
    locked = Message.objects.select_for_update().get(pk=message.pk)
    if locked.state in {MessageState.PREPARED, MessageState.SENDING}:
        _insert_deliveries(message, *_as_sql(rows))
        Message.objects.filter(pk=message.pk, state=MessageState.PREPARED).update(
            state=MessageState.SENDING
        )
        ring()
    message.refresh_from_db(fields=["state"])
    return message.deliveries.count()


def _insert_deliveries(message: Message, sql: str, params: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FREEZE.format(rows=sql), [message.pk, message.lane, *params])


def _as_sql(rows: Rows) -> tuple[str, Sequence[Any]]:
    if isinstance(rows, QuerySet):
        return rows.query.sql_with_params()
    return rows


# No savepoint: whoever cannot be written to fails what was about to write to them.
@transaction.atomic(savepoint=False)
def queue_one(
    *,
    purpose: str,
    lane: Lane,
    recipient_id: UUID,
    subject_id: UUID | None,
    channel: Channel | str,
    language: str,
    texts: Sequence[TextOf],
    expires_at: datetime,
    context_id: UUID | None = None,
) -> Message:
    """Prepare and queue a message to a single recipient, such as a code."""
    message = Message(
        purpose=purpose,
        lane=lane,
        # Nobody else can know of it before the transaction ends, so there is nothing to lock,
        # count or read again.
        state=MessageState.SENDING,
        expires_at=expires_at,
        context_id=context_id,
    )
    _write(message, texts)
    one = "SELECT %s::uuid, %s::uuid, %s, %s"
    _insert_deliveries(message, one, [recipient_id, subject_id, str(channel), language])
    ring()
    return message
