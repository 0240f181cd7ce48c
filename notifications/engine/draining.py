"""Drains the queue: claim, open, begin a slice, send it, write back, until nothing is due.

While slices are under way the next are begun and the last are written back. Each lane has its own
slices in flight, so that none waits for another's provider. The database is used by this thread
alone and never while it is in a transaction; sending happens in the courier's.
"""

from __future__ import annotations

import secrets
import socket
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from uuid import UUID

from django.db import Error, connection

from audit.journal.standing import may_serve
from notifications.channels.ports import Letter, Outcome
from notifications.doorbell import ring_now
from notifications.engine import claims, limits
from notifications.engine.choosing import Stands
from notifications.engine.claims import Result
from notifications.engine.courier import Courier
from notifications.engine.doubts import Doubts
from notifications.engine.filling import Filler
from notifications.engine.recording import is_lost_connection, record, result_of, tell_gone
from notifications.engine.sweeping import finish_messages, take_back
from notifications.enums import Lane
from notifications.models import Delivery
from notifications.providers import providers_of

Ready = tuple[Delivery, Letter]
_LANES = (Lane.CRISIS, Lane.VERIFICATION, Lane.ADVICE)


@dataclass(slots=True)
class Flight:
    """A slice that is under way: its rows, with the attempt of each, and what will come of them."""

    lane: Lane
    rows: list[Delivery]
    attempts: dict[UUID, int]
    future: Future[list[Outcome]]


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
        self._stands = Stands()
        self._doubts = Doubts(owner, courier, self._stands)
        self._ready: dict[Lane, deque[Ready]] = {lane: deque() for lane in _LANES}
        self._flights: list[Flight] = []
        self._open_ids: set[UUID] = set()
        self._touched: set[UUID] = set()
        self._sent = 0
        self._colleague_called = False
        self._leased_at = self._claimed_at = time.monotonic()
        self._repair_at = 0.0
        self._pause = limits.LOOK_AT_LANES_SECONDS

    def run(self) -> int:
        try:
            while self._go_round():
                pass
        finally:
            # Whatever has left must be written back, also when the next slice could not begin.
            while self._flights:
                self._let_go()
                self._wait([flight.future for flight in self._flights])
                self._renew_if_needed()
                self._land()
            self._let_go()
        finish_messages(self._touched)
        return self._sent

    def _go_round(self) -> bool:
        """One round of everything that can be done without waiting; False when all is done."""
        self._land()
        self._doubts.take_answers()
        self._renew_if_needed()
        in_time = time.monotonic() < self._until
        if in_time:
            self._repair_if_needed()
            self._claim_if_needed()
        elif self._is_held_up:
            self._claim_if_needed(besides={Lane.ADVICE})
        else:
            self._give_back(lambda row: True)
        self._take_off()
        if self._flights or self._doubts.futures:
            self._wait([flight.future for flight in self._flights] + self._doubts.futures)
            return True
        if any(self._ready.values()):
            return True
        if not in_time:
            ring_now()
            return False
        return self._stay()

    @property
    def _is_held_up(self) -> bool:
        """Past its time only because of what is not urgent: a notice must not wait for that."""
        slow = any(flight.lane == Lane.ADVICE for flight in self._flights)
        return slow or bool(self._doubts.futures)

    def _repair_if_needed(self) -> None:
        if time.monotonic() >= self._repair_at:
            take_back()
            self._doubts.look_into()
            self._repair_at = time.monotonic() + limits.REPAIR_EVERY_SECONDS

    def _claim_if_needed(self, besides: Collection[Lane] = ()) -> None:
        """Claim for the lanes of which nothing is in hand; while something is, not all the time."""
        besides = {*besides, *(lane for lane in _LANES if self._ready[lane])}
        since = time.monotonic() - self._claimed_at
        if (besides and since < limits.LOOK_AT_LANES_SECONDS) or not may_serve():
            return
        self._claimed_at = time.monotonic()
        # The first slice leaves before the rest is opened: somebody waits for it.
        size = limits.CLAIM if self._touched else limits.SLICE
        rows = claims.claim(self._owner, size, besides=besides)
        if not rows:
            return
        self._pause = limits.LOOK_AT_LANES_SECONDS
        if len(rows) >= limits.CLAIM and not self._colleague_called:
            # More than one claim's worth: a second worker, if one is idle, may as well help.
            ring_now()
            self._colleague_called = True
        self._touched |= {row.message_id for row in rows}
        self._open_ids |= {row.pk for row in rows}
        self._prepare(rows)

    def _prepare(self, rows: Sequence[Delivery]) -> None:
        choice = self._stands.choose(rows)
        self._put_off(choice.waiting)
        going = [row for row in rows if row.pk not in choice.waiting]
        prepared = self._filler.prepare(going, choice.providers)
        self._record(prepared.results)
        for row, letter in prepared.letters:
            self._ready[Lane(row.lane)].append((row, letter))

    def _take_off(self) -> None:
        self._stands.refresh()
        used = {row.provider for ready in self._ready.values() for row, _ in ready}
        fallen = {key for key in used if not self._stands.may_carry(key)}
        if fallen:
            self._give_back(lambda row: row.provider in fallen)
        if self._ready[Lane.CRISIS]:
            # What is not urgent is not even begun beside a notice.
            self._give_back(lambda row: row.lane == Lane.ADVICE)
        for lane in _LANES:
            in_flight = sum(flight.lane == lane for flight in self._flights)
            while self._ready[lane] and in_flight < limits.SLICES_IN_FLIGHT:
                in_flight += self._begin(lane)

    def _begin(self, lane: Lane) -> bool:
        """Begin the next slice of a lane; False where nothing of it may leave any more."""
        ready = self._ready[lane]
        slice_ = [ready.popleft() for _ in range(min(limits.SLICE, len(ready)))]
        attempts = claims.begin(self._owner, {row.pk: row.provider for row, _ in slice_})
        going = [(row, letter) for row, letter in slice_ if row.pk in attempts]
        self._open_ids -= {row.pk for row, _ in slice_} - attempts.keys()
        if not going:
            return False
        future = self._courier.send([(row.provider, letter) for row, letter in going], lane)
        self._flights.append(Flight(lane, [row for row, _ in going], attempts, future))
        self._sent += len(going)
        return True

    def _land(self) -> None:
        for flight in [flight for flight in self._flights if flight.future.done()]:
            self._flights.remove(flight)
            self._pause = limits.LOOK_AT_LANES_SECONDS
            pairs = list(zip(flight.rows, flight.future.result(), strict=True))
            self._tell([(row.provider, outcome) for row, outcome in pairs])
            self._record(
                [
                    result_of(
                        row,
                        attempt := flight.attempts[row.pk],
                        outcome,
                        elsewhere=self._may_switch(row, attempt),
                    )
                    for row, outcome in pairs
                ]
            )
            tell_gone([row.pk for row, outcome in pairs if outcome.gone])

    def _tell(self, outcomes: Sequence[tuple[str, Outcome]]) -> None:
        """Let all workers know how the providers do; what came of the letters matters more."""
        try:
            self._stands.report(outcomes)
            self._stands.refresh()
        except Error as error:
            if connection.in_atomic_block or not is_lost_connection(error):
                raise
            connection.close()

    def _may_switch(self, row: Delivery, attempt: int) -> bool:
        """Whether the next attempt may follow at once: each provider is tried once, then a row
        waits as any other."""
        return attempt < len(providers_of(row.channel)) and self._stands.another_than(row.provider)

    def _wait(self, futures: Sequence[Future[list[Outcome]]]) -> None:
        """Wait for the next answer, but no longer than another lane may wait to be looked at."""
        if self._pause > limits.LOOK_AT_LANES_SECONDS and not connection.in_atomic_block:
            connection.close()  # A slow provider must not hold a connection.
        done, _ = wait(futures, timeout=self._pause, return_when=FIRST_COMPLETED)
        if not done:
            self._pause = min(self._pause * 2, limits.STAY_SECONDS)

    def _stay(self) -> bool:
        """Wait for what falls due in a moment; False where nothing does."""
        finish_messages(self._touched)
        self._touched.clear()
        soon = claims.next_due(limits.STAY_SECONDS) if may_serve() else None
        if soon is None:
            return False
        time.sleep(max(soon, limits.SHORTEST_WAIT_SECONDS / 4))
        return True

    def _give_back(self, unwanted: Callable[[Delivery], bool]) -> None:
        """Let others have what was prepared and not begun."""
        given: dict[UUID, float] = {}
        for lane, ready in self._ready.items():
            given |= {row.pk: 0.0 for row, _ in ready if unwanted(row)}
            self._ready[lane] = deque(pair for pair in ready if pair[0].pk not in given)
        self._put_off(given)

    def _let_go(self) -> None:
        """Ending because of an error, keep from others only what has left."""
        flying = {row.pk for flight in self._flights for row in flight.rows}
        rest = self._open_ids - flying
        if not rest:
            return
        try:
            self._put_off(dict.fromkeys(rest, 0.0))
        except Error as error:
            if connection.in_atomic_block or not is_lost_connection(error):
                raise
            connection.close()

    def _put_off(self, delays: dict[UUID, float]) -> None:
        claims.put_off(self._owner, delays)
        self._open_ids -= delays.keys()

    def _renew_if_needed(self) -> None:
        if time.monotonic() - self._leased_at > limits.RENEW_AFTER_SECONDS:
            try:
                claims.renew(self._owner, self._open_ids)
                self._leased_at = time.monotonic()
            except Error as error:
                if not is_lost_connection(error):
                    raise
                connection.close()

    def _record(self, results: Sequence[Result]) -> None:
        record(self._owner, results)
        self._open_ids -= {result.delivery_id for result in results}
