"""Shapes that are prepared once and asked by every thread of a process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# GEOS makes the index of a prepared shape, and of a tree of shapes, when it is first asked: two
# threads that ask at once crash the process.
_ASKING = threading.RLock()


def one_at_a_time(function: Callable[P, R]) -> Callable[P, R]:
    """Let one thread of the process at a time into all the functions so marked."""

    @wraps(function)
    def alone(*args: P.args, **kwargs: P.kwargs) -> R:
        with _ASKING:
            return function(*args, **kwargs)

    return alone
