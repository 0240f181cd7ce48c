"""The engine's statements: claim, begin, renew, write back. Each is one statement of its own, so
that no transaction is open while anything is sent, and PgBouncer may stand in between.

Every write names the owner, and a write-back the attempt as well: who has lost a lease can
overwrite nothing. Times are the database's, whose clock all workers share.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from notifications.engine import limits
from notifications.enums import DeliveryState, Lane
from notifications.models import Delivery
from notifications.watching.counting import counted

# One lane after the other, each over the partial index (lane, due_at) of unfinished rows.
_CLAIM = """
WITH codes AS MATERIALIZED (
    SELECT id FROM notifications_delivery
    WHERE lane = %(code_lane)s AND NOT held
        AND due_at <= statement_timestamp() AND state = 'queued'
    ORDER BY due_at LIMIT %(codes)s FOR UPDATE SKIP LOCKED
), crisis AS MATERIALIZED (
    SELECT id FROM notifications_delivery
    WHERE lane = %(crisis_lane)s AND NOT held
        AND due_at <= statement_timestamp() AND state = 'queued'
    ORDER BY due_at LIMIT (SELECT %(claim)s - count(*) FROM codes) FOR UPDATE SKIP LOCKED
), advice AS MATERIALIZED (
    SELECT id FROM notifications_delivery
    WHERE lane = %(advice_lane)s AND NOT held
        AND due_at <= statement_timestamp() AND state = 'queued'
    ORDER BY due_at
    LIMIT (SELECT %(claim)s - (SELECT count(*) FROM codes) - (SELECT count(*) FROM crisis))
    FOR UPDATE SKIP LOCKED
)
UPDATE notifications_delivery AS d
SET state = 'claimed', lease_owner = %(owner)s,
    due_at = statement_timestamp() + %(lease)s * interval '1 second'
WHERE d.id IN (
    SELECT id FROM codes UNION ALL SELECT id FROM crisis UNION ALL SELECT id FROM advice)
RETURNING d.*
"""

# The message may have been paused, aborted or have expired since the claim.
_BEGIN = """
UPDATE notifications_delivery AS d
SET state = next.state,
    provider = CASE next.state WHEN 'sending' THEN wanted.provider ELSE d.provider END,
    attempt = d.attempt + (next.state = 'sending')::int,
    held = (next.state = 'queued'),
    due_at = CASE next.state WHEN 'cancelled' THEN NULL
        WHEN 'queued' THEN statement_timestamp() ELSE d.due_at END,
    error_code = CASE WHEN next.state = 'cancelled' THEN next.reason ELSE d.error_code END
FROM (
    SELECT id,
        CASE WHEN state IN ('paused', 'prepared') THEN 'queued'
            WHEN state = 'aborted' OR expires_at <= statement_timestamp() THEN 'cancelled'
            ELSE 'sending' END AS state,
        CASE WHEN state = 'aborted' THEN 'aborted' ELSE 'expired' END AS reason
    FROM notifications_message
) AS next, unnest(%s::uuid[], %s::text[]) AS wanted (id, provider)
WHERE d.id = wanted.id AND d.lease_owner = %s AND d.state = 'claimed'
    AND next.id = d.message_id
RETURNING d.id, d.attempt, d.state
"""

_RENEW = """
UPDATE notifications_delivery
SET due_at = statement_timestamp() + %s * interval '1 second'
WHERE id = ANY(%s::uuid[]) AND lease_owner = %s AND state IN ('claimed', 'sending')
"""

_RELEASE = """
UPDATE notifications_delivery SET state = 'queued', due_at = statement_timestamp()
WHERE id = ANY(%s::uuid[]) AND lease_owner = %s AND state = 'claimed'
"""

# A row taken back in the meantime stays ours to settle as long as no newer attempt has begun.
_WRITE_BACK = counted("""
UPDATE notifications_delivery AS d
SET state = o.state,
    due_at = statement_timestamp() + o.delay * interval '1 second',
    error_code = CASE WHEN o.state = 'withheld' THEN '' ELSE o.code END,
    withheld_reason = CASE WHEN o.state = 'withheld' THEN o.code ELSE '' END,
    provider_reference = CASE WHEN o.reference = '' THEN d.provider_reference
        ELSE o.reference END,
    doubts = d.doubts + (o.state = 'uncertain' AND d.state = 'sending')::int,
    accepted_at = CASE WHEN o.state = 'accepted' THEN statement_timestamp()
        ELSE d.accepted_at END
FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::text[], %s::text[], %s::float8[])
    AS o (id, attempt, state, code, reference, delay)
WHERE d.id = o.id AND d.attempt = o.attempt AND d.lease_owner = %s
    AND d.state IN ('claimed', 'sending', 'uncertain')
RETURNING d.provider, d.lane, o.state AS result, o.code
""")


@dataclass(slots=True, frozen=True)
class Result:
    """What is written back for one row; `delay` in seconds where work is left, None where not."""

    delivery_id: UUID
    attempt: int
    state: DeliveryState
    code: str = ""
    reference: str = ""
    delay: float | None = None


def claim(owner: str, size: int = limits.CLAIM) -> list[Delivery]:
    """Take what is due, the crisis lane first; nobody else will look at it for the lease's time."""
    rows = Delivery.objects.raw(
        _CLAIM,
        {
            "code_lane": int(Lane.VERIFICATION),
            "crisis_lane": int(Lane.CRISIS),
            "advice_lane": int(Lane.ADVICE),
            "codes": min(limits.CODES_PER_CLAIM, size),
            "claim": size,
            "owner": owner,
            "lease": limits.LEASE_SECONDS,
        },
    )
    return sorted(rows, key=lambda row: row.lane)


def begin(owner: str, providers: Mapping[UUID, str]) -> dict[UUID, int]:
    """Commit the attempt of those about to be sent, each by the provider with this key; returns
    id -> attempt of what may be sent."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [_texts(providers), list(providers.values()), owner])
        return {
            row_id: attempt
            for row_id, attempt, state in cursor.fetchall()
            if state == DeliveryState.SENDING
        }


def renew(owner: str, ids: Iterable[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_RENEW, [limits.LEASE_SECONDS, _texts(ids), owner])


def release(owner: str, ids: Iterable[UUID]) -> None:
    """Give back what was claimed and not begun."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, [_texts(ids), owner])


def write_back(owner: str, results: Sequence[Result]) -> int:
    """Record outcomes in bulk; returns how many rows were still ours."""
    if not results:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE_BACK,
            [
                [str(result.delivery_id) for result in results],
                [result.attempt for result in results],
                [result.state.value for result in results],
                [result.code[:40] for result in results],
                [result.reference for result in results],
                [result.delay for result in results],
                owner,
            ],
        )
        return int(cursor.fetchone()[0])


def _texts(ids: Iterable[UUID]) -> list[str]:
    return [str(row_id) for row_id in ids]
