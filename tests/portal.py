"""The whole portal as an operator runs it, in processes and servers of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from micic_portal.embedded.broker import Broker
from micic_portal.embedded.folders import Folders
from micic_portal.embedded.postgres import Postgres
from tests.sinks import REPOSITORY

_READY_SECONDS = 420


@dataclass(frozen=True, slots=True)
class Portal:
    """`folder` is its VAR_DIR, `output` what the command that runs it said."""

    url: str
    folder: Path
    output: Path
    environment: dict[str, str]

    @property
    def sinks(self) -> str:
        """The address of its mail and SMS sinks."""
        said = (self.folder / "demo" / "sinks.json").read_text().splitlines()[0]
        return f"http://127.0.0.1:{json.loads(said)['http_port']}"

    @property
    def owner_url(self) -> str:
        """Its database, as the role that owns the tables."""
        servers = Postgres(Folders.of(self.folder), disposable=False)
        return servers.environment()["DATABASE_OWNER_URL"]

    @property
    def redis_url(self) -> str:
        return Broker(Folders.of(self.folder)).environment()["REDIS_URL"]

    def manage(self, *arguments: str) -> str:
        """What a command of manage.py prints on this portal's servers."""
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "manage.py", *arguments],
            cwd=REPOSITORY,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, f"{arguments[0]}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def call(self, function: str, *arguments: str) -> Any:
        """What a function of `package.module:name` prints as JSON, run inside the portal."""
        module, name = function.split(":")
        given = ", ".join(map(repr, arguments))
        printed = self.manage("shell", "-c", f"from {module} import {name}; {name}({given})")
        last = printed.strip().splitlines()[-1] if printed.strip() else "null"
        return json.loads(last)


@contextmanager
def running_portal(folder: Path, *, people: int, **variables: str) -> Iterator[Portal]:
    """The demo with that many invented people, until the block ends and everything has stopped.

    `variables` are added to its environment.
    """
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        name: value
        for name, value in os.environ.items()
        # The tests' own servers are not this portal's.
        if name not in {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}
    } | {"PORTAL_MODE": "demo", "VAR_DIR": str(folder), "LOG_LEVEL": "DEBUG"}
    environment |= variables
    output = folder / "output.log"
    folder.mkdir(parents=True)
    with output.open("wb") as said:
        running = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", str(port), "--people", str(people)],
            cwd=REPOSITORY,
            env=environment,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            _wait_until_ready(running, output)
            yield Portal(f"http://127.0.0.1:{port}", folder, output, environment)
        finally:
            with suppress(ProcessLookupError):
                running.terminate()
            running.wait(timeout=60)


def _wait_until_ready(running: subprocess.Popen[bytes], output: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while b"\nready http" not in output.read_bytes():
        assert running.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.2)
