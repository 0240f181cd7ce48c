"""Clears up deliveries whose outcome is unknown: asks the provider that has them, then resends or
settles. Nobody else sends one before that.

Where nobody can be asked, the channel says in which lanes it goes once more (Transport). Each
doubt stays counted on its row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from uuid import UUID

from django.db import connection

from notifications.channels.ports import Outcome, Verdict
from notifications.engine import limits
from notifications.engine.choosing import Stands
from notifications.engine.claims import LEASE_LOST, Result
from notifications.engine.courier import Courier
from notifications.engine.recording import RESENT, record
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
States = Mapping[UUID, str]  # of messages


class Doubts:
    """The doubts of one drain. Asking goes on beside the sending: a provider that does not answer
    here either holds nothing up."""

    def __init__(self, owner: str, courier: Courier, stands: Stands) -> None:
        self._owner = owner
        self._courier = courier
        self._stands = stands
        self._asked: list[tuple[list[Delivery], Future[list[Outcome]]]] = []

    @property
    def futures(self) -> list[Future[list[Outcome]]]:
        return [future for _, future in self._asked]

    def look_into(self) -> None:
        """Take up what is in doubt and due, unless the last answers are still awaited."""
        if self._asked:
            return
        rows = list(
            Delivery.objects.raw(
                _CLAIM_DOUBTS, [self._owner, limits.LEASE_SECONDS, limits.LOOK_UPS_PER_ROUND]
            )
        )
        by_provider: dict[str, list[Delivery]] = defaultdict(list)
        for row in rows:
            by_provider[row.provider].append(row)
        states = _states(rows)
        for key, group in by_provider.items():
            inquiries = self._courier.inquiries_at(key)
            if inquiries.can_look_up:
                asked = self._courier.look_up(key, [row.pk for row in group])
                self._asked.append((group, asked))
            else:
                settled = [_blind(row, inquiries.resend, states[row.message_id]) for row in group]
                record(self._owner, settled)

    def take_answers(self) -> None:
        """Write back what has been answered by now."""
        for group, future in [pair for pair in self._asked if pair[1].done()]:
            self._asked.remove((group, future))
            answers = future.result()
            key = group[0].provider
            # Only silence says something: a provider may answer questions and send nothing.
            silent = [one for one in answers if one.verdict is Verdict.UNCERTAIN]
            self._stands.report((key, one) for one in silent)
            self._stands.refresh()
            elsewhere = not self._stands.of(key).stands and self._stands.another_than(key)
            record(self._owner, list(_answered(group, answers, elsewhere=elsewhere)))


def _states(rows: Sequence[Delivery]) -> States:
    wanted = {row.message_id for row in rows}
    return dict(Message.objects.filter(pk__in=wanted).values_list("pk", "state"))


def _answered(
    group: Sequence[Delivery], answers: Sequence[Outcome], *, elsewhere: bool
) -> Iterator[Result]:
    states = _states(group)
    for row, answer in zip(group, answers, strict=True):
        sendable = states[row.message_id] == MessageState.SENDING
        if answer.verdict is Verdict.ACCEPTED:
            yield Result(row.pk, row.attempt, DeliveryState.ACCEPTED, reference=answer.reference)
        elif answer.verdict is Verdict.UNCERTAIN:
            if elsewhere and sendable and _may_go_blind(row, frozenset({Lane.CRISIS})):
                # Down, and cannot even be asked: a warning twice is better than none.
                yield Result(row.pk, row.attempt, DeliveryState.QUEUED, RESENT, delay=0.0)
            else:
                yield _asked_again(row, answer.code)
        elif row.attempt >= limits.MAX_ATTEMPTS[row.lane]:
            yield Result(row.pk, row.attempt, DeliveryState.FAILED, "not_taken")
        else:
            # The first time at once; a provider that loses one after the other is given time.
            delay = 0.0 if row.doubts == 1 else limits.retry_delay(row.attempt, None)
            yield Result(row.pk, row.attempt, DeliveryState.QUEUED, RESENT, delay=delay)


def _blind(row: Delivery, lanes: frozenset[Lane], state: str) -> Result:
    if state == MessageState.PAUSED:
        return _asked_again(row, row.error_code)
    if state == MessageState.SENDING and _may_go_blind(row, lanes):
        return Result(row.pk, row.attempt, DeliveryState.QUEUED, RESENT, delay=0.0)
    # Nothing more can be known: it stays uncertain, for the officer to see.
    return Result(row.pk, row.attempt, DeliveryState.UNCERTAIN, row.error_code)


def _may_go_blind(row: Delivery, lanes: frozenset[Lane]) -> bool:
    if Lane(row.lane) not in lanes or row.attempt >= limits.MAX_ATTEMPTS[row.lane]:
        return False
    # A dead worker most likely had not sent it yet, and nobody says that the next one will not die
    # as well. What its provider leaves unanswered goes once more, or it would fill a mailbox.
    return row.error_code == LEASE_LOST or row.doubts <= limits.BLIND_RESENDS


def _asked_again(row: Delivery, code: str) -> Result:
    delay = limits.retry_delay(row.doubts, None)
    return Result(row.pk, row.attempt, DeliveryState.UNCERTAIN, code, delay=delay)


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
