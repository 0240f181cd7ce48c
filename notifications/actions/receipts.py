"""What providers say became of our messages: states only move forward.

A receipt may come twice, out of order, before we have written down that the provider took the
message, or for something that was never ours. One statement takes all of a call.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import connection
from django.utils import timezone

from notifications.channels.calls import Receipt, ReceiptKind
from notifications.enums import DeliveryState
from notifications.held import HELD_FOR, HeldReceipt
from notifications.models import Delivery
from notifications.ports import Undeliverable, inbound_handler
from notifications.providers import Provider

logger = logging.getLogger(__name__)

# The later, the more it says: a message that was read has arrived, whatever was said before.
_ORDER = [
    ReceiptKind.ACCEPTED,
    ReceiptKind.FAILED,
    ReceiptKind.BOUNCED,
    ReceiptKind.DELIVERED,
    ReceiptKind.READ,
    ReceiptKind.COMPLAINED,
]
_STATES = {
    ReceiptKind.ACCEPTED: DeliveryState.ACCEPTED,
    ReceiptKind.FAILED: DeliveryState.FAILED,
    ReceiptKind.BOUNCED: DeliveryState.FAILED,
    ReceiptKind.DELIVERED: DeliveryState.DELIVERED,
    ReceiptKind.READ: DeliveryState.DELIVERED,
    # Nobody complains about what has not arrived.
    ReceiptKind.COMPLAINED: DeliveryState.DELIVERED,
}
_UNDELIVERABLE = {
    ReceiptKind.BOUNCED: Undeliverable.BOUNCED,
    ReceiptKind.COMPLAINED: Undeliverable.COMPLAINED,
}

# From which states a receipt moves a row, of those that DELIVERY_TRANSITIONS allows. What arrived
# has arrived, even if it was given up meanwhile; a failure ends only what waits for this provider,
# never what is queued for another attempt.
RECEIPT_MOVES: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.ACCEPTED: frozenset(
        {
            DeliveryState.QUEUED,
            DeliveryState.CLAIMED,
            DeliveryState.SENDING,
            DeliveryState.UNCERTAIN,
        }
    ),
    DeliveryState.FAILED: frozenset(
        {DeliveryState.SENDING, DeliveryState.UNCERTAIN, DeliveryState.ACCEPTED}
    ),
    DeliveryState.DELIVERED: frozenset(set(DeliveryState) - {DeliveryState.DELIVERED}),
}

# Rows that a worker writes at this moment are passed over and then taken one by one: whoever locks
# several in one statement, and waits, may wait in a circle.
_TAKE = """
WITH told AS (
    SELECT * FROM unnest(%(ids)s::uuid[], %(states)s::text[], %(references)s::text[],
        %(codes)s::text[], %(moments)s::timestamptz[]) AS t (id, state, reference, code, moment)
), known AS MATERIALIZED (
    SELECT d.id, {moves} AS moves FROM notifications_delivery AS d JOIN told AS t USING (id)
    WHERE d.attempt > 0
), locked AS MATERIALIZED (
    SELECT d.id FROM notifications_delivery AS d JOIN told AS t USING (id)
    WHERE d.attempt > 0 AND {moves}
    ORDER BY d.id FOR UPDATE OF d {skip}
), moved AS (
    UPDATE notifications_delivery AS d
    SET state = t.state, due_at = NULL, held = false, provider = %(provider)s,
        error_code = CASE t.state WHEN 'failed' THEN t.code ELSE '' END,
        withheld_reason = '',
        provider_reference = COALESCE(NULLIF(t.reference, ''), d.provider_reference),
        accepted_at = CASE t.state WHEN 'failed' THEN d.accepted_at
            ELSE COALESCE(d.accepted_at, {moment}) END,
        delivered_at = CASE t.state WHEN 'delivered' THEN {moment} END
    FROM told AS t
    WHERE d.id = t.id AND d.id IN (SELECT id FROM locked)
    RETURNING d.id
)
SELECT id, moves, id IN (SELECT id FROM moved) FROM known
"""
# A provider's clock may be wrong, and nothing arrives before it was made.
_MOMENT = """GREATEST(d.created_at,
    LEAST(COALESCE(t.moment, statement_timestamp()), statement_timestamp()))"""

_HOLD = """
INSERT INTO notifications_heldreceipt (provider, reference, kind, code, at, received_at)
SELECT %(provider)s, t.reference, t.kind, t.code, t.moment, statement_timestamp()
FROM unnest(%(references)s::text[], %(kinds)s::text[], %(codes)s::text[],
    %(moments)s::timestamptz[]) AS t (reference, kind, code, moment)
WHERE (SELECT count(*) FROM (SELECT FROM notifications_heldreceipt LIMIT %(most)s) AS h) < %(most)s
ORDER BY t.reference
ON CONFLICT (provider, reference) DO UPDATE
SET kind = excluded.kind, code = excluded.code, at = excluded.at
WHERE array_position(%(order)s::text[], excluded.kind::text)
    > array_position(%(order)s::text[], notifications_heldreceipt.kind::text)
"""
# A provider that tells us of everybody else's messages fills no disk of ours.
MOST_HELD = 100_000

_NOW_KNOWN = """
SELECT h.id, h.provider, h.kind, h.reference, h.code, h.at, d.id
FROM notifications_heldreceipt AS h JOIN notifications_delivery AS d
    ON d.provider_reference = h.reference AND d.provider_reference <> ''
    AND d.provider = h.provider
ORDER BY h.id LIMIT 5000
"""


@dataclass(slots=True, frozen=True)
class Counts:
    """What became of the receipts of one call. `unknown` name nothing that we sent."""

    moved: int = 0
    unchanged: int = 0
    held: int = 0
    unknown: int = 0


def take_receipts(*, provider: Provider, receipts: Iterable[Receipt]) -> Counts:
    """Take what a provider says of its messages, and tell the floor above of bad addresses.

    Doing it again changes nothing, so that whatever fails here may simply be called again.
    """
    found = list(receipts)
    ours = [one for one in found if one.delivery_id is not None]
    theirs = [one for one in found if one.delivery_id is None and one.provider_reference]
    known = _by_reference(provider.key, {one.provider_reference for one in theirs})
    ours += [
        replace(one, delivery_id=known[one.provider_reference])
        for one in theirs
        if one.provider_reference in known
    ]
    early = [one for one in theirs if one.provider_reference not in known]
    moved, there = _apply(provider.key, ours)
    _hold(provider.key, early)
    _tell_undeliverable(ours, there)
    unknown = sum(1 for one in ours if one.delivery_id not in there)
    if unknown or early:
        # Numbers only: a provider's reference may lead to a person there.
        logger.info(
            "%s: %d receipts for nothing of ours, %d held", provider.key, unknown, len(early)
        )
    return Counts(len(moved), len(ours) - unknown - len(moved), len(early), unknown)


def apply_held() -> int:
    """Apply the receipts that were too early and whose message is written down now; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_NOW_KNOWN)
        rows = cursor.fetchall()
    by_provider: dict[str, list[Receipt]] = {}
    for _pk, key, kind, reference, code, at, delivery_id in rows:
        receipt = Receipt(ReceiptKind(kind), delivery_id, reference, code, at)
        by_provider.setdefault(key, []).append(receipt)
    for key, receipts in by_provider.items():
        _moved, there = _apply(key, receipts)
        _tell_undeliverable(receipts, there)
    for pk, _key, kind, *_rest in rows:
        # A later word that has come meanwhile is left for the next time.
        HeldReceipt.objects.filter(pk=pk, kind=kind).delete()
    return len(rows)


def forget_old_held() -> int:
    old = HeldReceipt.objects.filter(received_at__lt=timezone.now() - HELD_FOR)
    return old.delete()[0]


def _by_reference(key: str, references: Collection[str]) -> dict[str, UUID]:
    if not references:
        return {}
    # As the partial index is written, which serves nothing else.
    found = Delivery.objects.exclude(provider_reference="").filter(
        provider_reference__in=references, provider=key
    )
    return dict(found.values_list("provider_reference", "pk"))


def _apply(key: str, receipts: Sequence[Receipt]) -> tuple[set[UUID], set[UUID]]:
    """Move what these receipts move: (rows that moved, rows that there are)."""
    newest: dict[UUID, Receipt] = {}
    for one in receipts:
        if one.delivery_id is None:
            continue
        said = newest.get(one.delivery_id)
        if said is None or _ORDER.index(one.kind) > _ORDER.index(said.kind):
            newest[one.delivery_id] = one
    if not newest:
        return set(), set()
    rows = _take(key, list(newest.values()), skip="SKIP LOCKED")
    moved = {pk for pk, _moves, has_moved in rows if has_moved}
    for pk, moves, has_moved in rows:
        if moves and not has_moved:
            again = _take(key, [newest[pk]], skip="")
            moved |= {one for one, _moves, has_moved in again if has_moved}
    return moved, {pk for pk, _moves, _moved in rows}


def _take(key: str, receipts: Sequence[Receipt], *, skip: str) -> list[tuple[UUID, bool, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE.format(moves=_moves(), moment=_MOMENT, skip=skip),
            {
                "provider": key,
                "ids": [str(one.delivery_id) for one in receipts],
                "states": [_STATES[one.kind].value for one in receipts],
                "references": [one.provider_reference[:100] for one in receipts],
                "codes": [one.code[:40] for one in receipts],
                "moments": [one.at for one in receipts],
            },
        )
        return list(cursor.fetchall())


def _moves() -> str:
    """SQL: whether receipt `t` moves row `d`. What the row's present provider says of its present
    attempt counts; that something arrived counts whoever brought it."""
    current = (
        "d.provider = %(provider)s AND (t.reference = '' OR t.state <> 'failed'"
        " OR d.provider_reference IN ('', t.reference))"
    )
    cases = " ".join(
        f"WHEN '{state}' THEN d.state IN ({_listed(RECEIPT_MOVES[state])})"
        + ("" if state == DeliveryState.DELIVERED else f" AND {current}")
        for state in RECEIPT_MOVES
    )
    return f"(CASE t.state {cases} END)"


def _listed(states: Iterable[DeliveryState]) -> str:
    return ", ".join(f"'{state.value}'" for state in sorted(states))


def _hold(key: str, receipts: Sequence[Receipt]) -> None:
    newest: dict[str, Receipt] = {}
    for one in sorted(receipts, key=lambda one: _ORDER.index(one.kind)):
        newest[one.provider_reference[:100]] = one
    if not newest:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _HOLD,
            {
                "provider": key,
                "references": list(newest),
                "kinds": [one.kind.value for one in newest.values()],
                "codes": [one.code[:40] for one in newest.values()],
                "moments": [one.at for one in newest.values()],
                "order": [kind.value for kind in _ORDER],
                "most": MOST_HELD,
            },
        )


def _tell_undeliverable(receipts: Sequence[Receipt], there: Collection[UUID]) -> None:
    handler = inbound_handler()
    if handler is None:
        return
    for kind, what in _UNDELIVERABLE.items():
        ids = {one.delivery_id for one in receipts if one.kind is kind}
        told = sorted(pk for pk in ids if pk is not None and pk in there)
        if told:
            handler.undeliverable(told, what)
