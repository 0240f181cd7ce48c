"""Breaks what sending needs, one thing after the other, and measures how long each is felt."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from tqdm import tqdm

from micic_portal.demo.processes import DemoProcesses
from micic_portal.embedded.postgres import Postgres
from micic_portal.environment import redis_cache_url
from notifications.models import Message

# What the mail server and the gateway do meanwhile, in percent of what they are given.
DAY: dict[str, float] = {
    "error_percent": 5,
    "busy_percent": 0.2,
    "silent_percent": 0.1,
    "retry_after": 1,
    "silent_seconds": 30,
    "latency_seconds": 0.2,
    "receipt_duplicate_percent": 10,
    "receipt_early_percent": 10,
    "receipt_disorder_percent": 10,
}
_LOOK_SECONDS = 0.1
_DOWN_SECONDS = 2.0

_HELD = """
SELECT id::text, lease_owner, attempt, state FROM notifications_delivery
WHERE message_id = %s AND state IN ('claimed', 'sending')
"""
_STILL_HELD = """
SELECT count(*) FROM notifications_delivery AS d
JOIN unnest(%s::uuid[], %s::text[], %s::int[], %s::text[]) AS h (id, owner, attempt, state)
    ON h.id = d.id AND h.owner = d.lease_owner AND h.attempt = d.attempt AND h.state = d.state
"""
_PROGRESS = """
SELECT count(*) FILTER (WHERE accepted_at IS NOT NULL), count(*) FILTER (WHERE due_at IS NOT NULL)
FROM notifications_delivery WHERE message_id = %s
"""


@dataclass(slots=True)
class Scar:
    """A fault that is over, until nothing of it is left: sending goes on, what was held is free."""

    name: str
    since: float
    accepted: int
    held: tuple[list[str], list[str], list[int], list[str]]  # ids, owners, attempts, states


@dataclass(slots=True)
class Played:
    """What was done, and the seconds from each fault's end until it was felt no more."""

    kills: int = 0
    repairs: list[tuple[str, float]] = field(default_factory=list)
    seconds: float = 0.0
    settled: bool = False


class Faults:
    """Each is done at once and returns when it is over: what was ended has been started again."""

    def __init__(self, processes: DemoProcesses, database: Postgres, *, seed: int) -> None:
        self._processes = processes
        self._database = database
        self._random = random.Random(seed)
        self.kills = 0

    def plan(self) -> list[tuple[float, str, Callable[[], None]]]:
        """(share that is accepted by then, name, what is done), in order."""
        acts = [
            ("a worker killed", self.kill_one),
            ("the database restarted", self.restart_database),
            ("a worker killed", self.kill_one),
            ("the broker emptied", self.empty_broker),
            ("the database crashed", self.crash_database),
            ("both workers killed, the broker emptied", self.kill_all_and_empty),
        ]
        step = 0.8 / len(acts)
        return [
            (0.05 + step * (place + self._random.random() / 2), name, act)
            for place, (name, act) in enumerate(acts)
        ]

    def kill_one(self) -> None:
        self._kill([self._random.choice(self._workers())])

    def kill_all_and_empty(self) -> None:
        self._kill(self._workers(), before_restart=self.empty_broker)

    def empty_broker(self) -> None:
        with redis.Redis.from_url(redis_cache_url(settings.REDIS_URL)) as client:
            client.flushall()

    def restart_database(self, *, crashing: bool = False) -> None:
        connection.close()
        self._database.stop(crashing=crashing)
        time.sleep(_DOWN_SECONDS)
        self._database.start()

    def crash_database(self) -> None:
        self.restart_database(crashing=True)

    def _workers(self) -> list[str]:
        return sorted(name for name in self._processes.running if name.startswith("worker"))

    def _kill(
        self, names: Iterable[str], before_restart: Callable[[], None] = lambda: None
    ) -> None:
        names = list(names)
        for name in names:
            worker = self._processes.running[name]
            os.killpg(worker.pid, signal.SIGKILL)  # With its children, as a machine would go.
            worker.wait()
            self.kills += 1
        before_restart()
        for name in names:
            self._processes.start_worker(name)


def play(faults: Faults, message: Message, *, limit: float) -> Played:
    """Do everything that is planned while the message is sent, until it is settled or `limit`."""
    played = Played()
    scars: list[Scar] = []
    plan = faults.plan()
    total = message.deliveries.count()
    began = time.monotonic()
    with tqdm(total=total, desc="accepted", unit=" notices", mininterval=0.5) as progress:
        while time.monotonic() < began + limit and not played.settled:
            time.sleep(_LOOK_SECONDS)
            try:
                accepted, left = _progress(message)
                scars = [scar for scar in scars if not _healed(scar, accepted, played)]
            except (DatabaseError, InterfaceError):
                connection.close()  # The restarted database has forgotten us too.
                continue
            progress.update(accepted - progress.n)
            if plan and accepted >= plan[0][0] * total:
                _share, name, act = plan.pop(0)
                progress.write(f"· {accepted:,} accepted: {name}")
                act()
                scars.append(_scar(name, message))
            played.settled = not left and not plan and not scars
    played.repairs += [(scar.name, time.monotonic() - scar.since) for scar in scars]
    played.kills = faults.kills
    played.seconds = time.monotonic() - began
    return played


def _progress(message: Message) -> tuple[int, int]:
    """How many were ever accepted, and with how many there is something left to do."""
    with connection.cursor() as cursor:
        cursor.execute(_PROGRESS, [message.pk])
        accepted, left = cursor.fetchone()
    return accepted, left


def _scar(name: str, message: Message) -> Scar:
    """What the fault has left behind. A worker that lives lets go of its own in a moment."""
    over = time.monotonic()
    accepted, _left = _progress(message)
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [message.pk])
        rows = cursor.fetchall()
    held = ([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows],
            [row[3] for row in rows])  # fmt: skip
    return Scar(name, over, accepted, held)


def _healed(scar: Scar, accepted: int, played: Played) -> bool:
    if accepted <= scar.accepted:
        return False
    with connection.cursor() as cursor:
        cursor.execute(_STILL_HELD, list(scar.held))
        (held,) = cursor.fetchone()
    if not held:
        played.repairs.append((scar.name, time.monotonic() - scar.since))
    return not held
