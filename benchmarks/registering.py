"""Measures registrations through the web form beside the bare view, in the same server."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp

from benchmarks.cpu import used
from benchmarks.load import Numbers, as_fast_as_possible, at_rate, percentile, rate
from benchmarks.results import Line
from benchmarks.travellers import Seen, Town, Traveller, WrongTurn

SHARE_OF_PEAK = 0.8
# What the figures must reach.
SHARE_OF_BARE, MOST_REQUESTS, LEAST_REGISTRATIONS, MOST_P95_MS = 0.25, 16, 12, 300


@dataclass(frozen=True, slots=True)
class Plan:
    """How long each part lasts, in seconds; `visitors` are at work at once."""

    visitors: int = 24
    rounds: int = 3
    portal_seconds: float = 20
    bare_seconds: float = 8
    latency_seconds: float = 40


@dataclass(slots=True)
class Measured:
    """Each round's figures; the latencies, in seconds, at 80 % of the median peak."""

    portal_requests: list[float] = field(default_factory=list)
    bare_requests: list[float] = field(default_factory=list)
    registrations: list[float] = field(default_factory=list)
    requests_each: list[int] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    code_waits: list[float] = field(default_factory=list)
    # Milliseconds of processor time for each registration, by part, over the rounds.
    cpu_ms: dict[str, float] = field(default_factory=dict)
    completed: int = 0

    def figures(self) -> dict[str, Any]:
        return {
            "portal_requests_per_s": round(statistics.median(self.portal_requests), 1),
            "bare_requests_per_s": round(statistics.median(self.bare_requests), 1),
            "requests_per_registration": round(statistics.mean(self.requests_each), 2),
            "registrations_per_s": round(statistics.median(self.registrations), 2),
            "p95_ms": round(percentile(self.latencies, 0.95) * 1000, 1),
            "p50_ms": round(percentile(self.latencies, 0.5) * 1000, 1),
            "code_arrives_p95_ms": round(percentile(self.code_waits, 0.95) * 1000, 1),
            "cpu_ms_per_registration": {
                part: round(spent, 1) for part, spent in sorted(self.cpu_ms.items())
            },
        }


async def measure(
    plan: Plan,
    *,
    base: str,
    sinks: str,
    towns: list[Town],
    processes: Mapping[str, int],
    say: Callable[[str], None],
) -> Measured:
    """Run the rounds, the peer's between the portal's own. Raises WrongTurn when a page fails."""
    measured, numbers = Measured(), Numbers()
    spent: Counter[str] = Counter()
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(),
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=1),
        timeout=aiohttp.ClientTimeout(total=60),
    ) as session:

        async def register(number: int, *, seen: Seen) -> None:
            town = towns[number % len(towns)]
            visitor = Traveller(session, base=base, sinks=sinks, number=number, town=town)
            await visitor.register(seen)

        for turn in range(plan.rounds):
            say(f"Round {turn + 1} of {plan.rounds}: the bare view, then registrations")
            await _bare_round(plan, measured, session, base)
            seen, before = Seen(), used(processes)
            window = await as_fast_as_possible(
                partial(register, seen=seen), numbers,
                visitors=plan.visitors, seconds=plan.portal_seconds,
            )  # fmt: skip
            measured.portal_requests.append(rate([end for end, _ in seen.requests], window))
            measured.registrations.append(rate(seen.registered, window))
            measured.requests_each += seen.requests_each
            measured.completed += len(seen.registered)
            spent.update(used(processes))
            spent.subtract(before)
        measured.cpu_ms = {
            part: seconds * 1000 / measured.completed for part, seconds in spent.items()
        }
        per_second = SHARE_OF_PEAK * statistics.median(measured.registrations)
        say(f"Response times at {SHARE_OF_PEAK:.0%} of the peak: {per_second:.1f} registrations/s")
        seen = Seen()
        begin, end = await at_rate(
            partial(register, seen=seen), numbers,
            per_second=max(per_second, 0.5), seconds=plan.latency_seconds,
        )  # fmt: skip
        measured.latencies = [took for ended, took in seen.requests if begin <= ended < end]
        measured.code_waits = seen.code_waits
        measured.completed += len(seen.registered)
    return measured


async def _bare_round(
    plan: Plan, measured: Measured, session: aiohttp.ClientSession, base: str
) -> None:
    """Keep the bare view as busy as the portal's: every request validates a form, saves a row."""
    seen = Seen()

    async def save(number: int) -> None:
        row = {"name": "Inés Rojas", "mail": f"row{number}@benchmark.example", "language": "es"}
        async with session.post(f"{base}/bare/", data=row) as answer:
            if answer.status != 204:
                raise WrongTurn(f"The bare view answered with {answer.status}")
        seen.registered.append(time.perf_counter())

    window = await as_fast_as_possible(
        save, Numbers(), visitors=plan.visitors, seconds=plan.bare_seconds
    )
    measured.bare_requests.append(rate(seen.registered, window))


def table(figures: dict[str, Any]) -> list[Line]:
    portal, bare = figures["portal_requests_per_s"], figures["bare_requests_per_s"]
    share = portal / bare if bare else 0.0
    each, done = figures["requests_per_registration"], figures["registrations_per_s"]
    p95 = figures["p95_ms"]
    return [
        Line("requests/s, bare view", f"{bare:,.0f}"),
        Line("requests/s, registrations", f"{portal:,.0f}"),
        Line("their ratio", f"{share:.2f}", "at least 0.25", share >= SHARE_OF_BARE),
        Line("requests per registration", f"{each:g}", "at most 16", each <= MOST_REQUESTS),
        Line("registrations/s", f"{done:.1f}", "at least 12", done >= LEAST_REGISTRATIONS),
        Line("p95 at 80 % of peak", f"{p95:.0f} ms", "under 300 ms", p95 < MOST_P95_MS),
        Line("p50 at 80 % of peak", f"{figures['p50_ms']:.0f} ms"),
        Line("p95 until a code arrives", f"{figures['code_arrives_p95_ms']:.0f} ms"),
        *(
            Line(f"processor time each, {part}", f"{spent:.0f} ms")
            for part, spent in figures["cpu_ms_per_registration"].items()
        ),
    ]
