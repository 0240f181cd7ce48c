"""Faults on request: what a provider does on a bad day, by percentage of the messages."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields
from typing import Any

_FAULTS = ("error", "busy", "refuse", "garbage", "silent", "forget")
_RECEIPT_FAULTS = ("never", "failed", "duplicate", "early", "disorder")


@dataclass(slots=True)
class Faults:
    """Each `percent` is drawn for every message by itself, in the order of the fields; the
    `receipt_` ones are drawn once more, for the receipt of an SMS that was kept."""

    error_percent: float = 0  # SMS: 500. Mail: 451 to the recipient. Nothing is kept.
    busy_percent: float = 0  # SMS: 429 with Retry-After. Mail: 450. Nothing is kept.
    refuse_percent: float = 0  # SMS: 400. Mail: 550 to the recipient. Nothing is kept.
    garbage_percent: float = 0  # SMS: 200 with a page of HTML. Nothing is kept.
    silent_percent: float = 0  # Kept, and never answered: the connection is dropped in the end.
    forget_percent: float = 0  # Answered as if it were kept, and lost.
    receipt_never_percent: float = 0  # No receipt comes.
    receipt_failed_percent: float = 0  # It says that the message was not delivered.
    receipt_duplicate_percent: float = 0  # It comes twice, in calls of its own.
    receipt_early_percent: float = 0  # It comes before the answer to the message itself.
    receipt_disorder_percent: float = 0  # "accepted" comes after "delivered".
    receipt_seconds: float = 0.5  # From the answer to the receipt.
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
        """The next message's fault: error, busy, refuse, garbage, silent, forget or nothing."""
        return self._drawn(_FAULTS)

    def draw_receipt(self) -> str:
        """What is wrong with its receipt: never, failed, duplicate, early, disorder or nothing."""
        return self._drawn(_RECEIPT_FAULTS, "receipt_")

    def _drawn(self, names: tuple[str, ...], prefix: str = "") -> str:
        left = random.uniform(0, 100)  # noqa: S311  # nosec  # chance, not a secret
        for name in names:
            left -= getattr(self, f"{prefix}{name}_percent")
            if left < 0:
                return name
        return ""
