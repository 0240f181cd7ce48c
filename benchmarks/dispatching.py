"""Measures the engine as it runs, from an approval to the last outcome, and its peers beside it."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Max, Min

from accounts.models import User
from benchmarks.cpu import used
from benchmarks.freezes import approved_notice
from benchmarks.results import Line
from crises.enums import NoticeState
from crises.models import Crisis, Notice
from notifications.enums import DeliveryState
from notifications.models import Delivery

# How many times as fast as each peer the portal has to be, and the first notice's seconds.
TASKS_TIMES, POST_OFFICE_TIMES, BARE_TIMES, FIRST_SECONDS = 10, 5, 0.5, 1.0
_PATIENCE_SECONDS = 60
_PEERS = ("bare", "post_office", "post_office_tuned", "per_notice")


class NotSent(RuntimeError):
    """Not everybody was sent exactly one notice."""


@dataclass(slots=True, frozen=True)
class Plan:
    """How many notices each side sends in one run, and how often."""

    people: int
    runs: int
    per_notice: int
    post_office: int
    post_office_tuned: int
    bare: int


@dataclass(slots=True, frozen=True)
class Dispatch:
    """One notice sent to everybody: seconds, and microseconds of processor time by part."""

    freeze_s: float
    first_s: float
    per_s: float
    cpu_us: dict[str, int]


@dataclass(slots=True, frozen=True)
class Arrivals:
    """The control interface of what was sent to."""

    base: str

    def clear(self) -> None:
        self._ask("/control/messages", "DELETE")

    def check(self, count: int) -> None:
        """Raise NotSent unless so many messages arrived, each once."""
        counts = self._ask("/control/counts")
        if counts["unique_references"] != count or counts["duplicates"]:
            raise NotSent(f"of {count:,} messages the sinks have {counts}")

    def _ask(self, path: str, method: str = "GET") -> dict[str, Any]:
        request = urllib.request.Request(f"{self.base}{path}", method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: dict[str, Any] = json.load(answer)
            return found


def measure(
    plan: Plan,
    *,
    crisis: Crisis,
    officers: tuple[User, User],
    arrivals: Arrivals,
    peers: Mapping[str, str],
    processes: Mapping[str, int],
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Medians of alternating runs. `peers` is the environment that the peers run in."""
    _peer("tables", 0, peers)
    rates: dict[str, list[float]] = {peer: [] for peer in _PEERS}
    dispatches: list[Dispatch] = []
    for run in range(1, plan.runs + 1):
        arrivals.clear()
        dispatches.append(_dispatch(plan.people, crisis, officers, arrivals, processes))
        say(f"run {run}: portal {dispatches[-1]}")
        for peer, measured in rates.items():
            arrivals.clear()
            count = getattr(plan, peer)
            measured.append(count / _peer(peer, count, peers))
            arrivals.check(count)
            say(f"run {run}: {peer} {measured[-1]:,.0f}/s")
    medians = {peer: statistics.median(measured) for peer, measured in rates.items()}
    return figures_of(dispatches, medians) | {
        "people": plan.people,
        "runs": plan.runs,
        "counts": {peer: getattr(plan, peer) for peer in rates},
    }


def schema_for_peers(url: str) -> str:
    """Make an empty schema, and return the database's address with that for all its tables."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS peers CASCADE")
        cursor.execute("CREATE SCHEMA peers")
    return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3Dpeers"


def figures_of(dispatches: list[Dispatch], peers: Mapping[str, float]) -> dict[str, Any]:
    portal = statistics.median(one.per_s for one in dispatches)
    return {
        "portal_per_s": round(portal, 1),
        "task_per_notice_per_s": round(peers["per_notice"], 1),
        "post_office_per_s": round(peers["post_office"], 1),
        "post_office_tuned_per_s": round(peers["post_office_tuned"], 1),
        "bare_per_s": round(peers["bare"], 1),
        "first_s": round(statistics.median(one.first_s for one in dispatches), 3),
        "freeze_s": round(statistics.median(one.freeze_s for one in dispatches), 3),
        "times_task_per_notice": round(portal / peers["per_notice"], 2),
        "times_post_office": round(portal / peers["post_office"], 2),
        "times_post_office_tuned": round(portal / peers["post_office_tuned"], 2),
        "times_bare": round(portal / peers["bare"], 2),
        "cpu_us_per_notice": dispatches[-1].cpu_us,
    }


def table(figures: Mapping[str, Any]) -> list[Line]:
    def goal(label: str, key: str, least: float) -> Line:
        times = figures[key]
        return Line(label, f"{times}", f"at least {least}", times >= least)

    first = figures["first_s"]
    return [
        Line("the portal", f"{figures['portal_per_s']:,.0f} /s"),
        Line("a Celery task per notice", f"{figures['task_per_notice_per_s']:,.0f} /s"),
        Line("django-post-office, mail only", f"{figures['post_office_per_s']:,.0f} /s"),
        Line("the same, set for speed", f"{figures['post_office_tuned_per_s']:,.0f} /s"),
        Line("a bare loop, SMS only", f"{figures['bare_per_s']:,.0f} /s"),
        goal("times the task per notice", "times_task_per_notice", TASKS_TIMES),
        goal("times django-post-office", "times_post_office", POST_OFFICE_TIMES),
        Line("times the same, set for speed", f"{figures['times_post_office_tuned']}"),
        goal("times the bare loop", "times_bare", BARE_TIMES),
        Line("first accepted after", f"{first} s", f"at most {FIRST_SECONDS} s", first <= 1),
        Line("frozen after", f"{figures['freeze_s']} s"),
    ]


def _dispatch(
    people: int,
    crisis: Crisis,
    officers: tuple[User, User],
    arrivals: Arrivals,
    processes: Mapping[str, int],
) -> Dispatch:
    before = used(processes)
    notice = approved_notice(crisis, *officers)
    approved = time.time()
    # Asked every few milliseconds, which is how exactly the freeze's commit is known.
    while Notice.objects.values_list("state", flat=True).get(pk=notice.pk) == NoticeState.APPROVED:
        if time.time() > approved + _PATIENCE_SECONDS:
            raise NotSent("nobody froze the notice")
        time.sleep(0.005)
    frozen = time.time()
    notice.refresh_from_db()
    if notice.message_id is None:
        raise NotSent(f"the notice is {notice.state}")
    rows = Delivery.objects.filter(message_id=notice.message_id)
    _wait(rows)
    spent = used(processes)
    accepted = rows.filter(state=DeliveryState.ACCEPTED)
    if not accepted.count() == rows.count() == people:
        raise NotSent(f"of {people:,} recipients were accepted: {rows.tally()}")
    arrivals.check(people)
    times = accepted.aggregate(first=Min("accepted_at"), last=Max("accepted_at"))
    return Dispatch(
        freeze_s=round(frozen - approved, 3),
        first_s=round(times["first"].timestamp() - frozen, 3),
        per_s=round(people / (times["last"].timestamp() - approved), 1),
        cpu_us={part: round((spent[part] - before[part]) / people * 1e6) for part in processes},
    )


def _wait(rows: Any) -> None:
    """Until nothing is left to do. Raises NotSent when nothing becomes less for a minute."""
    left, since = -1, time.monotonic()
    while rows.unfinished().exists():
        time.sleep(0.5)
        now = rows.unfinished().count()
        if now != left:
            left, since = now, time.monotonic()
        elif time.monotonic() > since + _PATIENCE_SECONDS:
            raise NotSent(f"{left:,} are not sent, and nothing moves")


def _peer(name: str, count: int, environment: Mapping[str, str]) -> float:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peers", name, str(count)],
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": "benchmarks.peers.settings"},
        stdout=subprocess.PIPE,
        check=True,
    )
    return float(done.stdout or 0)
