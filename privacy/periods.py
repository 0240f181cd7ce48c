"""How long something is kept: in words that follow the settings, and in days for a picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Period:
    """Both are asked when somebody reads: `words` in the reader's language, with the number that is
    set; `days` is None where no number can be given (as long as somebody is employed, say)."""

    words: Callable[[], str]
    days: Callable[[], float] | None = None

    def __str__(self) -> str:
        return self.words()

    @property
    def length(self) -> float | None:
        return self.days() if self.days else None
