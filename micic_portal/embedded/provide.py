"""Provides the servers that the environment does not name, and names them there."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from micic_portal.embedded.broker import Broker
from micic_portal.embedded.folders import EmbeddedServerError, Folders, sweep_abandoned
from micic_portal.embedded.locking import Users
from micic_portal.embedded.postgres import Postgres


def provide(state: Path, *, disposable: bool = False) -> None:
    """Start or join the embedded servers of a state folder, for each variable that is unset.

    Sets DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL, which child processes inherit, and stops
    the servers at exit unless another process still uses them. To be called before Django's
    settings are read. Raises EmbeddedServerError when a server cannot be had.
    """
    wanted = {"DATABASE_URL", "REDIS_URL"} - {name for name, value in os.environ.items() if value}
    if not wanted:
        return
    folders = Folders.of(state)
    servers: list[Postgres | Broker] = [Postgres(folders, disposable=disposable), Broker(folders)]
    folders.prepare()
    users = Users(folders.state)
    with users.changing():
        if not folders.belongs_to_state() and users.is_empty():
            _stop(servers)
            folders.empty()
            folders.prepare()
            folders.claim()
            sweep_abandoned()
        users.join()
        try:
            for server in servers:
                if wanted & server.environment().keys():
                    server.start()
                    os.environ.update(server.environment())
        except BaseException:
            users.leave()
            raise
    _release_at_exit(users, servers)


def reset(state: Path) -> None:
    """Stop the servers of a state folder and delete their data. Refuses while they are in use."""
    folders = Folders.of(state)
    if not folders.state.exists() and not folders.home.exists():
        return
    folders.prepare()
    users = Users(folders.state)
    with users.changing():
        if not users.is_empty():
            raise EmbeddedServerError(f"The servers in {state} are in use: stop the portal first.")
        _stop([Postgres(folders, disposable=False), Broker(folders)])
        folders.empty()


def _stop(servers: list[Postgres | Broker]) -> None:
    for server in reversed(servers):
        server.stop()


def _release_at_exit(users: Users, servers: list[Postgres | Broker]) -> None:
    process = os.getpid()

    def release() -> None:
        if os.getpid() != process:
            return  # a forked child: the servers are its parent's affair
        with users.changing():
            users.leave()
            if users.is_empty():
                _stop(servers)

    atexit.register(release)
    main = threading.current_thread() is threading.main_thread()
    if main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _exit_on_signal)


def _exit_on_signal(number: int, frame: FrameType | None) -> None:
    """Leave through atexit, which a signal's default action would skip."""
    sys.exit(128 + number)
