"""The engine's statements: claim, begin, renew, write back. Each is one statement of its own, so
that no transaction is open while anything is sent, and PgBouncer may stand in between.

Every write names the owner, and a write-back the attempt as well: who has lost a lease can
overwrite nothing. Times are the database's, whose clock all workers share.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from notifications.engine import limits
from notifications.enums import DeliveryState, Lane
from notifications.models import Delivery
from notifications.watching.counting import counted

# The error code of a row whose worker fell silent.
LEASE_LOST = "lease_lost"

# One lane after the other, each over the partial index (lane, due_at) of unfinished rows. What is
# claimed stays where it is in that index, and is passed over: no index has to be rewritten for it.
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
    ORDER BY due_at LIMIT (SELECT GREATEST(%(notices)s - count(*), 0) FROM codes)
    FOR UPDATE SKIP LOCKED
), advice AS MATERIALIZED (
    SELECT id FROM notifications_delivery
    WHERE lane = %(advice_lane)s AND NOT held
        AND due_at <= statement_timestamp() AND state = 'queued'
    ORDER BY due_at
    LIMIT CASE WHEN EXISTS (SELECT FROM crisis) THEN 0 ELSE %(advice)s END
    FOR UPDATE SKIP LOCKED
)
UPDATE notifications_delivery AS d
SET state = 'claimed', lease_owner = %(owner)s,
    lease_until = statement_timestamp() + %(lease)s * interval '1 second'
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
SET lease_until = statement_timestamp() + %s * interval '1 second'
WHERE id = ANY(%s::uuid[]) AND lease_owner = %s AND state IN ('claimed', 'sending')
"""

# The message may have been paused or aborted since the claim, and a begin may be far away.
_PUT_OFF = """
UPDATE notifications_delivery AS d
SET state = CASE m.state WHEN 'aborted' THEN 'cancelled' ELSE 'queued' END,
    held = m.state IN ('paused', 'prepared'),
    error_code = CASE m.state WHEN 'aborted' THEN 'aborted' ELSE d.error_code END,
    due_at = CASE m.state WHEN 'aborted' THEN NULL
        ELSE statement_timestamp() + o.delay * interval '1 second' END
FROM unnest(%s::uuid[], %s::float8[]) AS o (id, delay), notifications_message AS m
WHERE d.id = o.id AND m.id = d.message_id AND d.lease_owner = %s AND d.state = 'claimed'
"""

_NEXT_DUE = """
SELECT extract(epoch FROM min(due_at) - statement_timestamp())::float8
FROM notifications_delivery
WHERE lane = ANY(%s) AND NOT held AND state = 'queued'
    AND due_at <= statement_timestamp() + %s * interval '1 second'
"""

# A row taken back in the meantime stays ours to settle as long as no newer attempt has begun. A
# doubt that was closed since (the person answered, the message expired) is not sent again, and a
# receipt that was faster than we are stands.
_WRITE_BACK = counted("""
UPDATE notifications_delivery AS d
SET state = o.state,
    attempt = d.attempt - o.untried::int,
    due_at = statement_timestamp() + o.delay * interval '1 second',
    error_code = CASE WHEN o.state = 'withheld' THEN '' ELSE o.code END,
    withheld_reason = CASE WHEN o.state = 'withheld' THEN o.code ELSE '' END,
    provider_reference = CASE WHEN o.reference = '' THEN d.provider_reference
        ELSE o.reference END,
    doubts = d.doubts + (o.state = 'uncertain' AND d.state = 'sending')::int,
    accepted_at = CASE WHEN o.state = 'accepted' THEN statement_timestamp()
        ELSE d.accepted_at END
FROM unnest(
        %s::uuid[], %s::int[], %s::text[], %s::text[], %s::text[], %s::float8[], %s::bool[])
    AS o (id, attempt, state, code, reference, delay, untried)
WHERE d.id = o.id AND d.attempt = o.attempt AND d.lease_owner = %s
    AND (d.state IN ('claimed', 'sending')
        OR d.state = 'uncertain' AND (d.due_at IS NOT NULL OR o.state <> 'queued'))
RETURNING d.provider, d.lane, o.state AS result, o.code
""")

# Where a receipt was faster, what only the answer to our sending told is still worth keeping.
_ADD_REFERENCE = """
UPDATE notifications_delivery AS d
SET provider_reference = o.reference, accepted_at = COALESCE(d.accepted_at, statement_timestamp())
FROM unnest(%s::uuid[], %s::int[], %s::text[]) AS o (id, attempt, reference)
WHERE d.id = o.id AND d.attempt = o.attempt AND d.lease_owner = %s
    AND d.state IN ('accepted', 'delivered', 'failed') AND d.provider_reference = ''
    AND o.reference <> ''
"""


@dataclass(slots=True, frozen=True)
class Result:
    """What is written back for one row; `delay` in seconds where work is left, None where not."""

    delivery_id: UUID
    attempt: int
    state: DeliveryState
    code: str = ""
    reference: str = ""
    delay: float | None = None
    untried: bool = False  # Nothing was sent after all: the attempt does not count.


def claim(owner: str, size: int = limits.CLAIM, *, besides: Collection[int] = ()) -> list[Delivery]:
    """Take what is due, the crisis lane first; nobody else will look at it for the lease's time.

    Advice only where no notice is due. `besides` are lanes of which enough is in hand.
    """
    notices = 0 if Lane.CRISIS in besides else size
    codes = 0 if Lane.VERIFICATION in besides else min(limits.CODES_PER_CLAIM, size)
    advice = 0 if {Lane.CRISIS, Lane.ADVICE} & set(besides) else limits.ADVICE_PER_CLAIM
    rows = Delivery.objects.raw(
        _CLAIM,
        {
            "code_lane": int(Lane.VERIFICATION),
            "crisis_lane": int(Lane.CRISIS),
            "advice_lane": int(Lane.ADVICE),
            "codes": codes,
            "notices": notices,
            "advice": min(advice, size),
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


def put_off(owner: str, delays: Mapping[UUID, float]) -> None:
    """Give back what was claimed and not begun, due again in so many seconds."""
    if delays:
        with connection.cursor() as cursor:
            cursor.execute(_PUT_OFF, [_texts(delays), list(delays.values()), owner])


def next_due(within: float) -> float | None:
    """Seconds until the next row falls due; None where none does within so many."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_DUE, [[int(lane) for lane in Lane], within])
        seconds: float | None = cursor.fetchone()[0]
    return None if seconds is None else max(seconds, 0.0)


def write_back(owner: str, results: Sequence[Result]) -> int:
    """Record outcomes in bulk; returns how many rows were still ours."""
    if not results:
        return 0
    ids = [str(result.delivery_id) for result in results]
    attempts = [result.attempt for result in results]
    references = [result.reference for result in results]
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE_BACK,
            [
                ids,
                attempts,
                [result.state.value for result in results],
                [result.code[:40] for result in results],
                references,
                [result.delay for result in results],
                [result.untried for result in results],
                owner,
            ],
        )
        ours = int(cursor.fetchone()[0])
        if ours < len(results) and any(references):
            cursor.execute(_ADD_REFERENCE, [ids, attempts, references, owner])
    return ours


def _texts(ids: Iterable[UUID]) -> list[str]:
    return [str(row_id) for row_id in ids]
