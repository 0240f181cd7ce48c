"""Plays the whole main job unattended on the embedded servers and counts what was lost."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from crises.alert_files import AlertFileError
from micic_portal.demo.inbox import DemoSinks
from micic_portal.demo.processes import DemoProcesses, ProcessFailed
from micic_portal.demo.rehearsal import Rehearsal, RehearsalFailed
from micic_portal.demo.staff import ensure_demo_agency, ensure_demo_staff
from micic_portal.demo.visitor import UnexpectedPage


class Command(BaseCommand):
    help = "Register, select, approve, dispatch and answer, and end in one line of JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=20_000)
        parser.add_argument("--alert", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The rehearsal runs only where PORTAL_MODE is demo.")
        if not options["alert"].is_file():
            raise CommandError(f"There is no alert file at {options['alert']}.")
        self._say("Tables, privileges, places, officers")
        call_command("prepare_database", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        ensure_demo_staff()
        ensure_demo_agency()
        try:
            with DemoProcesses(port=_free_port(), folder=settings.VAR_DIR / "run") as processes:
                processes.start_all(workers=2)
                rehearsal = Rehearsal(
                    base=processes.url,
                    sinks=DemoSinks(processes.sinks["DEMO_SINKS_URL"]),
                    people=options["people"],
                    alert=options["alert"],
                )
                result = rehearsal.run(self._say)
        except (ProcessFailed, RehearsalFailed, UnexpectedPage, AlertFileError) as failure:
            raise CommandError(str(failure)) from failure
        except BaseExceptionGroup as failures:
            raise CommandError(str(failures.exceptions[0])) from failures
        self.stdout.write(json.dumps(result.line()))
        if result.lost:
            raise CommandError(f"{result.lost} notices were lost.")

    def _say(self, step: str) -> None:
        self.stdout.write(f"· {step}")
        self.stdout.flush()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
