"""Unfinished deliveries, counts and heartbeats as the operators' watch finds them."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import connection

from notifications.enums import DeliveryState, Lane, MessageState
from notifications.models import Delivery, Message, ProviderMinute
from notifications.watching.enums import Heart, Result
from tests.factories.deliveries import make_message


def make_rows(number: int = 1, *, due_seconds_ago: float = 0, **changes: Any) -> list[Delivery]:
    """Rows of one message; `due_seconds_ago` by the database's clock."""
    lane = changes.pop("lane", Lane.CRISIS)
    message = make_message(lane=lane)
    Message.objects.filter(pk=message.pk).update(state=MessageState.SENDING)
    wanted = {"channel": "mail", "language": "en", "state": DeliveryState.QUEUED} | changes
    rows = Delivery.objects.bulk_create(
        Delivery(message=message, recipient_id=uuid.uuid4(), lane=lane, **wanted)
        for _ in range(number)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_delivery SET due_at = statement_timestamp() - %s * interval"
            " '1 second' WHERE message_id = %s AND due_at IS NOT NULL",
            [due_seconds_ago, message.pk],
        )
    return rows


def count(
    result: Result,
    number: int,
    *,
    provider: str = "mail.smtp",
    minutes_ago: int = 0,
    **changes: Any,
) -> None:
    """Results of a provider, as if they had been written back so many minutes ago."""
    wanted = {"lane": Lane.CRISIS, "code": "", "shard": 0} | changes
    made = ProviderMinute.objects.create(
        minute="2001-01-01T00:00Z", provider=provider, result=result, number=number, **wanted
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_providerminute SET minute ="
            " date_trunc('minute', statement_timestamp()) - %s * interval '1 minute'"
            " WHERE id = %s",
            [minutes_ago, made.pk],
        )


def heard(name: Heart, seconds_ago: float = 0, machine: str = "here") -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notifications_heartbeat (name, machine, beaten_at)"
            " VALUES (%s, %s, statement_timestamp() - %s * interval '1 second')"
            " ON CONFLICT (name, machine) DO UPDATE SET beaten_at = excluded.beaten_at",
            [name.value, machine, seconds_ago],
        )
