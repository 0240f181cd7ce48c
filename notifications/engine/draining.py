"""Drains the queue: claim, open, begin a slice, send it, write back, until nothing is due.

While one slice is under way the next is begun and the last is written back. The database is used
by this thread alone and never while it is in a transaction; sending happens in the courier's.
"""

from __future__ import annotations

import logging
import secrets
import socket
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from audit.journal.standing import may_serve
from notifications.channels.ports import Letter, Outcome, Verdict
from notifications.doorbell import ring_now
from notifications.engine import claims, limits
from notifications.engine.claims import Result
from notifications.engine.courier import Courier
from notifications.engine.doubts import settle_doubts
from notifications.engine.filling import Filler
from notifications.engine.sweeping import finish_messages, take_back
from notifications.enums import DeliveryState
from notifications.models import Delivery

logger = logging.getLogger(__name__)
Flight = tuple[list[Delivery], dict[UUID, int], Future[list[Outcome]]]


def new_owner() -> str:
    return f"{socket.gethostname()[:40]}-{secrets.token_hex(8)}"


def drain(owner: str | None = None, *, seconds: float = limits.DRAIN_SECONDS) -> int:
    """Send whatever is due; returns how many letters were handed to a channel.

    Any number may run at once. After `seconds` it rings for the next one and ends.
    """
    with Courier() as courier:
        return _Drain(owner or new_owner(), courier, time.monotonic() + seconds).run()


class _Drain:
    def __init__(self, owner: str, courier: Courier, until: float) -> None:
        self._owner = owner
        self._courier = courier
        self._until = until
        self._filler = Filler()
        self._sent = 0
        self._open_ids: set[UUID] = set()
        self._leased_at = 0.0

    def run(self) -> int:
        touched: set[UUID] = set()
        colleague_called = False
        repair_at = 0.0
        while True:
            if time.monotonic() >= repair_at:
                take_back()
                settle_doubts(self._owner, self._courier)
                repair_at = time.monotonic() + limits.REPAIR_EVERY_SECONDS
            rows = claims.claim(self._owner) if may_serve() else []
            if not rows:
                break
            if len(rows) == limits.CLAIM and not colleague_called:
                # More than one claim's worth: a second worker, if one is idle, may as well help.
                ring_now()
                colleague_called = True
            touched |= {row.message_id for row in rows}
            self._send_claim(rows)
            if time.monotonic() >= self._until:
                ring_now()
                break
        finish_messages(touched)
        return self._sent

    def _send_claim(self, rows: Sequence[Delivery]) -> None:
        self._leased_at = time.monotonic()
        self._open_ids = {row.pk for row in rows}
        prepared = self._filler.prepare(rows)
        self._write_back(prepared.results)
        flights: deque[Flight] = deque()
        try:
            for slice_ in _slices(prepared.letters):
                if len(flights) == limits.SLICES_IN_FLIGHT:
                    self._land(flights.popleft())
                self._renew_if_needed()
                self._take_off(slice_, flights)
        finally:
            # Whatever has left must be written back, also when the next slice could not begin.
            while flights:
                self._land(flights.popleft())

    def _take_off(self, slice_: Sequence[tuple[Delivery, Letter]], flights: deque[Flight]) -> None:
        attempts = claims.begin(self._owner, {row.pk: row.provider for row, _ in slice_})
        going = [(row, letter) for row, letter in slice_ if row.pk in attempts]
        self._open_ids -= {row.pk for row, _ in slice_} - attempts.keys()
        if going:
            future = self._courier.send([(row.provider, letter) for row, letter in going])
            flights.append(([row for row, _ in going], attempts, future))
            self._sent += len(going)

    def _land(self, flight: Flight) -> None:
        rows, attempts, future = flight
        while True:
            try:
                outcomes = future.result(timeout=limits.RENEW_AFTER_SECONDS / 2)
                break
            except FutureTimeout:
                self._renew_if_needed()
                if not connection.in_atomic_block:
                    connection.close()  # A slow provider must not hold a connection.
        self._write_back(
            [
                result_of(row, attempts[row.pk], outcome)
                for row, outcome in zip(rows, outcomes, strict=True)
            ]
        )

    def _renew_if_needed(self) -> None:
        if time.monotonic() - self._leased_at > limits.RENEW_AFTER_SECONDS:
            try:
                claims.renew(self._owner, self._open_ids)
                self._leased_at = time.monotonic()
            except (OperationalError, InterfaceError):
                connection.close()

    def _write_back(self, results: Sequence[Result]) -> None:
        """Record outcomes, through a restart of the database if need be: a lost one is a doubt."""
        for pause in (0.2, 0.5, 1, 2, 3, 5, 8, None):
            try:
                claims.write_back(self._owner, results)
                break
            except (OperationalError, InterfaceError):
                if pause is None or connection.in_atomic_block:
                    raise
                connection.close()
                time.sleep(pause)
        self._open_ids -= {result.delivery_id for result in results}


def _slices(
    letters: Sequence[tuple[Delivery, Letter]],
) -> Iterator[Sequence[tuple[Delivery, Letter]]]:
    for start in range(0, len(letters), limits.SLICE):
        yield letters[start : start + limits.SLICE]


def result_of(row: Delivery, attempt: int, outcome: Outcome) -> Result:
    """What one attempt's outcome means for the row."""
    if outcome.verdict is Verdict.ACCEPTED:
        return Result(row.pk, attempt, DeliveryState.ACCEPTED, reference=outcome.reference)
    if outcome.verdict is Verdict.UNCERTAIN:
        delay = limits.LOOK_UP_AFTER_SECONDS
        return Result(row.pk, attempt, DeliveryState.UNCERTAIN, outcome.code, delay=delay)
    if outcome.verdict is Verdict.FAILED or attempt >= limits.MAX_ATTEMPTS[row.lane]:
        return Result(row.pk, attempt, DeliveryState.FAILED, outcome.code)
    delay = limits.retry_delay(attempt, outcome.retry_after)
    return Result(row.pk, attempt, DeliveryState.QUEUED, outcome.code, delay=delay)
