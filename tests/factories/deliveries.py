"""Messages with recipients that exist only here: sending is tested without the floors above."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone

from notifications import ports
from notifications.actions import create_message, freeze
from notifications.enums import Lane
from notifications.models import Delivery, Message
from notifications.ports import Opened, Withheld
from notifications.providers import providers_of
from notifications.templates import TextOf

PURPOSE = "exercise"
TEXTS = (
    TextOf("en", "Flood in {place}", "Tell us how you are: {link}\nCall {telephone}", "{place}!"),
    TextOf("es", "Inundación en {place}", "Díganos cómo está: {link}", "¡{place}!"),
    TextOf("ar", "فيضان في {place}", "أخبرنا بحالك: {link}", "{place}"),
)
VALUES = {"place": "Kathmandu", "telephone": "+97715550100"}


class FakeSource:
    """Opens every recipient, save where a test says otherwise."""

    def __init__(self) -> None:
        self.answers: dict[UUID, Opened | Withheld] = {}
        self.opened: list[UUID] = []
        self.unknown: set[UUID] = set()
        self.before: Callable[[Sequence[Delivery]], None] = lambda deliveries: None

    def open(
        self, recipient_ids: Sequence[UUID], purpose: str, *, deliveries: Sequence[Delivery]
    ) -> dict[UUID, Opened | Withheld]:
        self.before(deliveries)
        self.opened += recipient_ids
        return {
            row.recipient_id: self.answers.get(row.recipient_id) or opened_for(row)
            for row in deliveries
            if row.recipient_id not in self.unknown
        }


def opened_for(row: Delivery) -> Opened:
    number = row.recipient_id.int % 10**9
    address = f"person-{number}@example.org" if row.channel == "mail" else f"+44{number:010}"
    return Opened(address, row.language, VALUES)


@contextmanager
def bound_source(purpose: str = PURPOSE) -> Iterator[FakeSource]:
    source = FakeSource()
    ports.bind_source(purpose, source)
    try:
        yield source
    finally:
        ports._sources.pop(purpose, None)


def recipients(number: int, *, offset: int = 0) -> list[UUID]:
    return [uuid.uuid5(uuid.NAMESPACE_OID, str(offset + index)) for index in range(number)]


def make_message(
    *,
    lane: Lane = Lane.CRISIS,
    texts: Sequence[TextOf] = TEXTS,
    expires_in: timedelta = timedelta(hours=1),
    context_id: UUID | None = None,
) -> Message:
    return create_message(
        purpose=PURPOSE,
        lane=lane,
        texts=texts,
        expires_at=timezone.now() + expires_in,
        context_id=context_id,
    )


def freeze_to(
    message: Message,
    ids: Sequence[UUID],
    *,
    channels: Sequence[str] = ("mail", "sms"),
    languages: Sequence[str] = ("en", "es", "ar"),
) -> int:
    """Channels and languages take turns."""
    sql = "SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[])"
    params = [
        [str(one) for one in ids],
        [str(uuid.uuid5(one, "person")) for one in ids],
        [channels[index % len(channels)] for index in range(len(ids))],
        [languages[index % len(languages)] for index in range(len(ids))],
    ]
    return freeze(message, rows=(sql, params))


def states(message: Message) -> dict[str, int]:
    tally: dict[str, int] = {}
    for (_, state), number in message.deliveries.tally().items():
        tally[state] = tally.get(state, 0) + number
    return tally


def let_leases_run_out() -> None:
    """What a worker held, or is waited for in a doubt, is due at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_delivery SET due_at = now() - interval '1 second',"
            " lease_until = NULL WHERE state IN ('claimed', 'sending', 'uncertain')"
        )


def with_providers(rows: Sequence[Delivery]) -> dict[UUID, str]:
    """What the engine begins with: each row, and the first provider of its channel."""
    return {row.pk: providers_of(row.channel)[0].key for row in rows}
