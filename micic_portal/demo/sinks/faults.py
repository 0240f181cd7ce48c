"""Faults on request: what a provider does on a bad day, by percentage of the messages."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields
from typing import Any


@dataclass(slots=True)
class Faults:
    """Each `percent` is drawn for every message by itself, in the order of the fields."""

    error_percent: float = 0  # SMS: 500. Mail: 451 to the recipient. Nothing is kept.
    busy_percent: float = 0  # SMS: 429 with Retry-After. Mail: 450. Nothing is kept.
    refuse_percent: float = 0  # SMS: 400. Mail: 550 to the recipient. Nothing is kept.
    garbage_percent: float = 0  # SMS: 200 with a page of HTML. Nothing is kept.
    silent_percent: float = 0  # Kept, and never answered: the connection is dropped in the end.
    retry_after: float = 1
    silent_seconds: float = 30
    latency_seconds: float = 0

    def __post_init__(self) -> None:
        self._check()

    def _check(self) -> None:
        for field in fields(self):
            if not isinstance(getattr(self, field.name), int | float):
                raise ValueError(field.name)

    def set(self, wanted: dict[str, Any]) -> None:
        """Replace all; what is not named is off. Raises TypeError or ValueError."""
        new = Faults(**wanted)
        for field in fields(self):
            setattr(self, field.name, getattr(new, field.name))

    def draw(self) -> str:
        """The fault of the next message: error, busy, refuse, garbage, silent or nothing."""
        left = random.uniform(0, 100)  # noqa: S311  # nosec  # chance, not a secret
        for name in ("error", "busy", "refuse", "garbage", "silent"):
            left -= getattr(self, f"{name}_percent")
            if left < 0:
                return name
        return ""
