"""Loads a server two ways: as fast as it answers, and at a given rate."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any

Job = Callable[[int], Coroutine[Any, Any, None]]


class Numbers:
    """Numbers that are never given twice, for addresses that must be distinct."""

    def __init__(self) -> None:
        self._count = count(1)

    def next(self) -> int:
        return next(self._count)


async def as_fast_as_possible(
    job: Job, numbers: Numbers, *, visitors: int, seconds: float
) -> tuple[float, float]:
    """Keep `visitors` at work for that long; let each finish; return the (begin, end) to count in.

    The first fifth warms up and is not counted.
    """
    begin = time.perf_counter()
    end = begin + seconds

    async def visitor() -> None:
        while time.perf_counter() < end:
            await job(numbers.next())

    async with asyncio.TaskGroup() as group:
        for _ in range(visitors):
            group.create_task(visitor())
    return begin + seconds / 5, end


async def at_rate(
    job: Job, numbers: Numbers, *, per_second: float, seconds: float
) -> tuple[float, float]:
    """Begin jobs at an even rate, however long each takes; return the (begin, end) to count in."""
    begin = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for turn in range(int(per_second * seconds)):
            await asyncio.sleep(begin + turn / per_second - time.perf_counter())
            group.create_task(job(numbers.next()))
    return begin + seconds / 5, begin + seconds


def rate(moments: list[float], window: tuple[float, float]) -> float:
    """How many of the moments lie in the window, per second of it."""
    begin, end = window
    return sum(begin <= moment < end for moment in moments) / (end - begin)


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least that share of the values does not exceed; 0 for none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)] if ordered else 0.0
