"""The sweeper, every ten seconds: takes back expired leases, ends what is over, rings again.

It repairs whatever a killed worker, an emptied broker or a restarted database left behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from django.db import connection

from notifications.doorbell import ring_now
from notifications.engine.claims import LEASE_LOST
from notifications.enums import MessageState
from notifications.watching.counting import counted

# Nothing had left for a claimed row; for one being sent nobody knows.
_TAKE_BACK = counted("""
UPDATE notifications_delivery
SET state = CASE state WHEN 'claimed' THEN 'queued' ELSE 'uncertain' END,
    doubts = doubts + (state = 'sending')::int,
    error_code = %s,
    due_at = statement_timestamp()
WHERE id IN (
    SELECT id FROM notifications_delivery
    WHERE due_at <= statement_timestamp() AND NOT held AND state IN ('claimed', 'sending')
        AND (lease_until IS NULL OR lease_until <= statement_timestamp())
    FOR UPDATE SKIP LOCKED)
RETURNING provider, lane, 'taken_back' AS result, '' AS code
""")

_EXPIRE = """
UPDATE notifications_delivery AS d
SET state = 'cancelled', error_code = 'expired', due_at = NULL, held = false
FROM notifications_message AS m
WHERE m.id = d.message_id AND m.state IN ('sending', 'paused')
    AND m.expires_at <= statement_timestamp()
    AND d.due_at IS NOT NULL AND d.state = 'queued'
"""

# A row that came back to the queue while its message was being resumed or aborted.
_LET_GO = """
UPDATE notifications_delivery AS d
SET held = false,
    state = CASE m.state WHEN 'aborted' THEN 'cancelled' ELSE d.state END,
    error_code = CASE m.state WHEN 'aborted' THEN 'aborted' ELSE d.error_code END,
    due_at = CASE m.state WHEN 'aborted' THEN NULL ELSE d.due_at END
FROM notifications_message AS m
WHERE m.id = d.message_id AND d.held AND d.due_at IS NOT NULL
    AND m.state IN ('sending', 'aborted')
"""

_FINISH = """
UPDATE notifications_message AS m
SET state = %s, finished_at = statement_timestamp()
WHERE (m.state = 'sending' OR (m.state = 'paused' AND m.expires_at <= statement_timestamp()))
    AND (%s::uuid[] IS NULL OR m.id = ANY(%s::uuid[]))
    AND NOT EXISTS (
        SELECT 1 FROM notifications_delivery AS d
        WHERE d.message_id = m.id AND d.due_at IS NOT NULL)
"""

_ANYTHING_DUE = """
SELECT EXISTS (
    SELECT 1 FROM notifications_delivery
    WHERE due_at <= statement_timestamp() AND NOT held AND state IN ('queued', 'uncertain'))
"""


@dataclass(slots=True, frozen=True)
class SweepReport:
    taken_back: int
    expired: int
    let_go: int
    finished: int
    rang: bool

    def as_dict(self) -> dict[str, int | bool]:
        return asdict(self)


def sweep() -> SweepReport:
    """Repair, and ring if anything is due."""
    from notifications.engine.doubts import settle_expired

    taken_back = take_back()
    expired = _run(_EXPIRE) + settle_expired()
    let_go = _run(_LET_GO)
    finished = finish_messages(None)
    with connection.cursor() as cursor:
        cursor.execute(_ANYTHING_DUE)
        due = bool(cursor.fetchone()[0])
    if due:
        ring_now()
    return SweepReport(taken_back, expired, let_go, finished, due)


def take_back() -> int:
    """Free what a worker held whose lease has run out; returns how many rows."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_BACK, [LEASE_LOST])
        return int(cursor.fetchone()[0])


def finish_messages(ids: Iterable[UUID] | None) -> int:
    """Mark as done what has no row left with work to do: of these messages, or (None) of all."""
    wanted = None if ids is None else [str(message_id) for message_id in ids]
    if wanted == []:
        return 0
    return _run(_FINISH, [MessageState.DONE.value, wanted, wanted])


def _run(sql: str, params: Sequence[str | list[str] | None] = ()) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount
