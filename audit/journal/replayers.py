"""How each kind of line is done again: bound by the app whose rows it is about."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Iterator


class Replayed(Protocol):
    """What a replayer is told. `person` and `row` raise LookupError where the line names none."""

    @property
    def person(self) -> UUID: ...
    @property
    def person_id(self) -> UUID | None: ...
    @property
    def model(self) -> str: ...
    @property
    def row(self) -> UUID: ...
    @property
    def code(self) -> str: ...


Replayer = Callable[[Replayed], bool]

_replayers: dict[str, Replayer] = {}
_replaying: ContextVar[bool] = ContextVar("replaying", default=False)


def bind_replayer(kind: str, replayer: Replayer) -> None:
    """Say how a kind is done again. It may find nothing left to do, and returns whether it did."""
    _replayers[kind] = replayer


def replayer_of(kind: str) -> Replayer | None:
    return _replayers.get(kind)


def kinds() -> set[str]:
    """Every kind that can be done again."""
    return set(_replayers)


@contextmanager
def replaying() -> Iterator[None]:
    """What is done in here stands in the journal already."""
    token = _replaying.set(True)
    try:
        yield
    finally:
        _replaying.reset(token)


def is_replaying() -> bool:
    return _replaying.get()
