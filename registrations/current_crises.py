"""Which crises are open, as the floor above says: the first page leads to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CurrentCrisis:
    """`url` is where people there register on one screen, `relative_url` where a relative tells us
    of someone; `telephone` is answered day and night (E.164, or "") and `post` says by whom."""

    id: UUID
    title: str
    url: str
    telephone: str
    countries: tuple[str, ...]
    relative_url: str = ""
    post: str = ""


_readers: list[Callable[[], list[CurrentCrisis]]] = []


def bind_current_crises(read: Callable[[], list[CurrentCrisis]]) -> None:
    _readers[:] = [read]


def current_crises() -> list[CurrentCrisis]:
    """Those that people have been told of, newest first; none while nobody answers for them."""
    return _readers[0]() if _readers else []
