"""Clears up deliveries whose outcome is unknown: asks the provider, then resends or settles.

A code or a notice is worth asking for; where nobody can be asked only a crisis notice is sent
once more, since a warning twice is better than none. Each doubt stays counted on its row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.db import connection

from notifications.channels.ports import Outcome, Verdict
from notifications.engine import claims, limits
from notifications.engine.claims import Result
from notifications.engine.courier import Courier
from notifications.enums import DeliveryState, Lane, MessageState
from notifications.models import Delivery, Message

# A doubt keeps its state while it is looked into; its due_at is the lease. `lease_owner` is
# overwritten, so that only the newest to look into it can write.
_CLAIM_DOUBTS = """
UPDATE notifications_delivery AS d
SET lease_owner = %s, due_at = statement_timestamp() + %s * interval '1 second'
WHERE d.id IN (
    SELECT id FROM notifications_delivery
    WHERE doubts > 0 AND due_at <= statement_timestamp() AND state = 'uncertain'
    ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING d.*
"""


def settle_doubts(owner: str, courier: Courier) -> int:
    """Settle what is in doubt and due; returns how many were looked into."""
    rows = list(
        Delivery.objects.raw(
            _CLAIM_DOUBTS, [owner, limits.LEASE_SECONDS, limits.LOOK_UPS_PER_ROUND]
        )
    )
    if not rows:
        return 0
    sendable = set(
        Message.objects.filter(
            pk__in={row.message_id for row in rows}, state=MessageState.SENDING
        ).values_list("pk", flat=True)
    )
    by_provider: dict[str, list[Delivery]] = defaultdict(list)
    for row in rows:
        by_provider[row.provider].append(row)
    for key, group in by_provider.items():
        if courier.can_look_up(key):
            claims.write_back(owner, list(_asked(group, courier)))
        else:
            claims.write_back(owner, [_blind(row, row.message_id in sendable) for row in group])
    return len(rows)


def _asked(group: Sequence[Delivery], courier: Courier) -> Iterator[Result]:
    wanted = [row for row in group if row.lane != Lane.ADVICE]
    for row in group:
        if row.lane == Lane.ADVICE:
            yield _settled(row)
    answers = courier.look_up(wanted[0].provider, [row.pk for row in wanted]) if wanted else []
    for row, answer in zip(wanted, answers, strict=True):
        yield _answered(row, answer)


def _answered(row: Delivery, answer: Outcome) -> Result:
    if answer.verdict is Verdict.ACCEPTED:
        return Result(row.pk, row.attempt, DeliveryState.ACCEPTED, reference=answer.reference)
    if answer.verdict is Verdict.UNCERTAIN:
        delay = limits.retry_delay(row.doubts, None)
        return Result(row.pk, row.attempt, DeliveryState.UNCERTAIN, answer.code, delay=delay)
    if row.attempt >= limits.MAX_ATTEMPTS[row.lane]:
        return Result(row.pk, row.attempt, DeliveryState.FAILED, "not_taken")
    # The first time at once; a provider that loses one after the other is given time.
    delay = 0.0 if row.doubts == 1 else limits.retry_delay(row.attempt, None)
    return Result(row.pk, row.attempt, DeliveryState.QUEUED, "resent", delay=delay)


def _blind(row: Delivery, sendable: bool) -> Result:
    if row.lane == Lane.CRISIS and sendable and row.doubts <= limits.BLIND_RESENDS:
        return Result(row.pk, row.attempt, DeliveryState.QUEUED, "resent", delay=0.0)
    return _settled(row)


def _settled(row: Delivery) -> Result:
    """Nothing more can be known: it stays uncertain, for the officer to see."""
    return Result(row.pk, row.attempt, DeliveryState.UNCERTAIN, row.error_code)


def settle_expired() -> int:
    """A doubt about a message that has expired is looked into no more."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE notifications_delivery AS d SET due_at = NULL
            FROM notifications_message AS m
            WHERE m.id = d.message_id AND d.doubts > 0 AND d.due_at IS NOT NULL
                AND d.state = 'uncertain' AND m.expires_at <= statement_timestamp()
            """
        )
        return cursor.rowcount
