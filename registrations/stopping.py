"""What the stop link of a message stops, by the message's purpose. The floors above bind theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise

from audit.actors import Actor

# Where {stop} of a purpose bound here leads: Paths(stop=STOP_PATH).
STOP_PATH = "/stop/"


@dataclass(frozen=True, slots=True)
class Stop:
    """`question` and `done` are whole sentences for the page; `act` may be called again.

    `undo` takes it back; without it, that is done in one's registration.
    """

    question: str | Promise
    done: str | Promise
    has_stopped: Callable[[UUID], bool]
    act: Callable[[UUID, Actor], object]
    undo: Callable[[UUID, Actor], object] | None = None


_stops: dict[str, Stop] = {}


def bind_stop(purpose: str, stop: Stop) -> None:
    _stops[purpose] = stop


def stop_of(purpose: str) -> Stop | None:
    return _stops.get(purpose)
