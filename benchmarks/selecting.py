"""Measures the portal's own selection beside PostGIS, and checks each audience."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db import connection

from benchmarks import postgis
from benchmarks.areas import Ground
from benchmarks.asking import (
    CLASSES,
    Answer,
    Disagreement,
    Window,
    everybody,
    keep,
    portal_people,
    postgis_people,
)
from benchmarks.exactness import Stays, counted
from benchmarks.growing import MOST_GROWTH
from benchmarks.results import Line
from crises.previewing import preview
from registrations.enums import Confidence

# What the figures must reach.
WARM_TIMES, COLD_TIMES, MOST_PREVIEW_MS = 10, 4, 50

Say = Callable[[str], None]
Figures = dict[str, Any]


def measure(grounds: Sequence[Ground], window: Window, *, runs: int, say: Say) -> list[Figures]:
    """The figures of each area, in milliseconds, medians of `runs` alternating runs."""
    there = Stays.load(everybody(window))
    found = []
    for ground in grounds:
        figures = _measure(ground, window, runs)
        # The table still holds the ids that the portal gave last.
        keep(partial(portal_people, ground.area(), window))
        people = counted()
        wrong = there.compare(ground.area().geometry, people)
        figures |= {"missed": wrong.missed, "over": wrong.over, "people": len(people)}
        if figures.pop("kept") != len(people):
            raise Disagreement(f"{ground.name}: the portal counted differently twice")
        figures["preview_cold_ms"] = _preview_ms(ground, window, runs)
        found.append({"name": ground.name, "is_metropolitan": ground.is_metropolitan} | figures)
        say(_sentence(found[-1]))
    return found


def _measure(ground: Ground, window: Window, runs: int) -> Figures:
    area = ground.area()
    pieces = postgis.subdivided_before(area)
    sides: dict[str, Callable[[], Answer]] = {
        "plain": lambda: keep(lambda: postgis_people(postgis.plain(area), window)),
        "warm": lambda: keep(lambda: portal_people(area, window)),
        "pieces_cold": lambda: keep(lambda: postgis_people(postgis.subdivided_now(area), window)),
        "cold": lambda: _cold(ground, window),
        "pieces_warm": lambda: keep(lambda: postgis_people(pieces, window)),
    }
    answers: dict[str, list[Answer]] = {side: [] for side in sides}
    for _run in range(runs + 1):
        for side, ask in sides.items():
            answers[side].append(ask())
    # The first run fills the caches of both sides, and is not counted.
    took = {
        side: 1000 * statistics.median(answer.seconds for answer in each[1:])
        for side, each in answers.items()
    }
    return {
        "postgis_cold_ms": round(min(took["plain"], took["pieces_cold"]), 2),
        "postgis_warm_ms": round(min(took["plain"], took["pieces_warm"]), 2),
        "cold_ms": round(took["cold"], 2),
        "warm_ms": round(took["warm"], 2),
        "postgis_plain_ms": round(took["plain"], 2),
        "postgis_pieces_cold_ms": round(took["pieces_cold"], 2),
        "postgis_pieces_warm_ms": round(took["pieces_warm"], 2),
        "postgis_people": answers["plain"][-1].people,
        "kept": answers["warm"][-1].people,
    }


def _cold(ground: Ground, window: Window) -> Answer:
    area = ground.unseen()
    return keep(lambda: portal_people(area, window))


def _preview_ms(ground: Ground, window: Window, runs: int) -> float:
    """What an officer waits for while drawing: the figures of an area nobody has asked for."""
    classes = [*CLASSES, Confidence.CONFIRMED, Confidence.STALE]
    took = []
    for _run in range(runs + 1):
        area = ground.unseen()
        began = time.perf_counter()
        preview(area, *window, classes, in_full=False)
        took.append(time.perf_counter() - began)
    return round(1000 * statistics.median(took[1:]), 2)


def summary(areas: Sequence[Figures]) -> Figures:
    """The figures over all areas; the preview's is the slowest of the cities'."""
    warm = [each["postgis_warm_ms"] / each["warm_ms"] for each in areas]
    cold = [each["postgis_cold_ms"] / each["cold_ms"] for each in areas]
    return {
        "geomean_warm": round(statistics.geometric_mean(warm), 2),
        "geomean_cold": round(statistics.geometric_mean(cold), 2),
        "slowest_cold": round(min(cold), 2),
        "missed": sum(each["missed"] for each in areas),
        "over": sum(each["over"] for each in areas),
        "preview_cold_ms": max(
            each["preview_cold_ms"] for each in areas if each["is_metropolitan"]
        ),
    }


def table(figures: Figures) -> list[Line]:
    lines = [Line(each["name"], *_sides(each)) for each in figures["areas"]]
    reached = [
        ("times as fast as PostGIS, warm", "geomean_warm", f"at least {WARM_TIMES}",
         figures["geomean_warm"] >= WARM_TIMES),
        ("times as fast as PostGIS, cold", "geomean_cold", f"at least {COLD_TIMES}",
         figures["geomean_cold"] >= COLD_TIMES),
        ("the area that gains least, cold", "slowest_cold", "at least 1",
         figures["slowest_cold"] >= 1),
        ("people missed", "missed", "0", figures["missed"] == 0),
        ("people over", "over", "0", figures["over"] == 0),
        ("slowest preview of a city, cold, ms", "preview_cold_ms", f"under {MOST_PREVIEW_MS}",
         figures["preview_cold_ms"] < MOST_PREVIEW_MS),
    ]  # fmt: skip
    lines += [Line(label, str(figures[key]), must, is_so) for label, key, must, is_so in reached]
    growth = figures["growth"]["ratio"]
    return [
        *lines,
        Line("time at ten times the rows", str(growth), f"at most {MOST_GROWTH}",
             growth <= MOST_GROWTH),
    ]  # fmt: skip


def rows() -> dict[str, int]:
    tables = ("registrations_stay", "registrations_person", "registrations_consent",
              "registrations_contactpoint", "postgis_stay", "postgis_disc")  # fmt: skip
    with connection.cursor() as cursor:
        found = {}
        for name in tables:
            cursor.execute(f"SELECT count(*) FROM {name}")
            (found[name],) = cursor.fetchone()
    return found


def _sides(each: Figures) -> tuple[str, str]:
    times = f"{each['postgis_warm_ms'] / each['warm_ms']:.1f}x warm"
    colder = f"{each['postgis_cold_ms'] / each['cold_ms']:.1f}x cold"
    took = f"PostGIS {each['postgis_warm_ms']:.1f} / {each['postgis_cold_ms']:.1f} ms, here "
    return f"{times}, {colder}", f"{took}{each['warm_ms']:.1f} / {each['cold_ms']:.1f} ms"


def _sentence(each: Figures) -> str:
    gained, took = _sides(each)
    return f"{each['name']}: {each['people']:,} people, {took}, {gained}"
