"""Starts, watches and stops the demo's processes: sinks, web server, worker, scheduler."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import IO

from django.conf import settings

from micic_portal.demo.inbox import DemoSinks


class ProcessFailed(RuntimeError):
    """A process of the demo ended by itself, or did not become ready."""


class DemoProcesses:
    """A context in which the portal runs; leaving it stops everything that it started."""

    def __init__(self, *, port: int, folder: Path) -> None:
        self.port = port
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {**os.environ, "PORTAL_URL": self.url, "PYTHONUNBUFFERED": "1"}
        self.sinks: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> DemoProcesses:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in reversed(self.running.values()):
            if process.poll() is None:
                process.terminate()
        for process in self.running.values():
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start_all(self, *, workers: int = 1) -> None:
        self.start_sinks()
        self.start_web()
        for number in range(workers):
            self.start_worker(f"worker-{number + 1}")
        self.start_scheduler()
        self.wait_until_ready()

    def start_sinks(self) -> None:
        """Start the SMTP sink and the SMS gateway; everything sent from now on arrives there."""
        output = self.folder / "sinks.json"
        output.unlink(missing_ok=True)
        with output.open("wb") as stdout:
            self._start(
                "sinks",
                [sys.executable, "-m", "micic_portal.demo.sinks", "--smtp-port", "0",
                 "--http-port", "0", "--folder", str(self.folder / "sinks")],
                stdout=stdout,
            )  # fmt: skip
        deadline = time.monotonic() + 30
        while not output.read_bytes().endswith(b"\n"):
            if time.monotonic() > deadline:
                raise ProcessFailed("The local mail and SMS sinks did not start.")
            self.raise_if_ended()
            time.sleep(0.05)
        ports = json.loads(output.read_text().splitlines()[0])
        base = f"http://127.0.0.1:{ports['http_port']}"
        self.sinks = {
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(ports["smtp_port"]),
            "EMAIL_USE_TLS": "false",
            "SMS_GATEWAY_URL": f"{base}/messages",
            "SMS_GATEWAY_TOKEN": "demo",
            "SMS_GATEWAY_INBOUND": "yes",
            "SMS_GATEWAY_WEBHOOK_SECRET": secrets.token_hex(32),
            "DEMO_SINKS_URL": base,
        }
        self.environment |= self.sinks
        DemoSinks(base).call_back(self.url, secret=self.sinks["SMS_GATEWAY_WEBHOOK_SECRET"])

    def start_web(self) -> None:
        self._start(
            "web",
            [sys.executable, "-m", "gunicorn", "micic_portal.wsgi", "--bind",
             f"127.0.0.1:{self.port}", "--workers", "2", "--threads", "4", "--no-control-socket",
             "--log-level", "warning"],
        )  # fmt: skip

    def start_worker(self, name: str) -> None:
        self._start(
            name,
            [sys.executable, "-m", "celery", "-A", "micic_portal", "worker", "--loglevel",
             "WARNING", "--concurrency", "2", "--hostname", f"{name}@%h", "--without-mingle",
             "--without-gossip"],
        )  # fmt: skip

    def start_scheduler(self, application: str = "micic_portal") -> None:
        self._start(
            "scheduler",
            [sys.executable, "-m", "celery", "-A", application, "beat", "--loglevel", "WARNING",
             "--schedule", str(self.folder / "schedule"), "--pidfile", ""],
        )  # fmt: skip

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            self.raise_if_ended()
            try:
                with urllib.request.urlopen(f"{self.url}/health/", timeout=5) as answer:  # noqa: S310
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise ProcessFailed(f"The web server did not become ready: see {self.folder}/web.log.")

    def raise_if_ended(self) -> None:
        """Raise ProcessFailed, naming the process and its log, when one has ended by itself."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise ProcessFailed(
                    f"The {name} process ended with code {process.returncode}: "
                    f"see {self.folder / (name + '.log')}."
                )

    def _start(self, name: str, command: list[str], stdout: IO[bytes] | None = None) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            # A session of its own: Ctrl-C reaches the demo alone, which then stops each in turn.
            self.running[name] = subprocess.Popen(  # noqa: S603
                command,
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=stdout or log,
                stderr=log,
                start_new_session=True,
            )
