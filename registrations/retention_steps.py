"""The port by which every floor has its part in the nightly run of erasing what is over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from audit.actors import Actor

Counts = Mapping[str, int]
# Erases a batch for each count that it yields. Whoever asks for the next one has opened a
# transaction, which commits the batch together with its count; what was erased before is not
# there any more when it begins anew.
Act = Callable[[Actor, dt.datetime], Iterator[Counts]]


@dataclass(frozen=True, slots=True)
class Step:
    """`title` is for who watches the run; `order` says what must be gone before."""

    name: str
    title: Any
    order: int
    act: Act


_steps: dict[str, Step] = {}


def bind_step(name: str, act: Act, *, title: Any, order: int) -> None:
    """Codes of the counts begin with erased_ or kept_, the latter with the reason."""
    _steps[name] = Step(name, title, order, act)


def steps() -> list[Step]:
    return sorted(_steps.values(), key=lambda step: (step.order, step.name))
