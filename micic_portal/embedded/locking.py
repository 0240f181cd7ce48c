"""Who uses the embedded servers: the first user starts them, the last one stops them.

Every process that uses the servers holds a shared lock on `users.lock` for as long as it lives,
so that the kernel itself forgets a killed one. Starting and stopping happen under the exclusive
lock on `change.lock`.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Users:
    """This process's place among the users of the servers of one state folder."""

    def __init__(self, folder: Path) -> None:
        self._users = folder / "users.lock"
        self._change = folder / "change.lock"
        self._mine: int | None = None

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Nobody else starts or stops the servers within."""
        descriptor = _open(self._change)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def join(self) -> None:
        self._mine = _open(self._users)
        fcntl.flock(self._mine, fcntl.LOCK_SH)

    def leave(self) -> None:
        # Closing, not unlocking: a forked child that still uses the servers keeps the lock.
        if self._mine is not None:
            os.close(self._mine)
            self._mine = None

    def is_empty(self) -> bool:
        descriptor = _open(self._users)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        else:
            return True
        finally:
            os.close(descriptor)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
