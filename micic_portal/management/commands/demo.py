"""The whole portal on this machine, with invented citizens, until it is interrupted."""

from __future__ import annotations

import os
import signal
import time
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from micic_portal.demo.advice import ensure_demo_advice
from micic_portal.demo.crisis import CrisisNotSent, ensure_demo_crises
from micic_portal.demo.estimates import ensure_demo_estimates
from micic_portal.demo.guests import ensure_demo_guests
from micic_portal.demo.processes import DemoProcesses, ProcessFailed
from micic_portal.demo.registering import ensure_population
from micic_portal.demo.staff import ensure_demo_agency, ensure_demo_staff
from oversight.actions import verify_ledger


class _Stopped(Exception):  # a request, not an error
    pass


# A closed terminal must not leave servers behind either.
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def _stop(number: int, frame: FrameType | None) -> None:
    for each in _SIGNALS:
        # Impatience must not break off the stopping itself.
        signal.signal(each, signal.SIG_IGN)
    raise _Stopped


class Command(BaseCommand):
    help = "Run the whole portal with invented citizens until interrupted (Ctrl-C)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--people", type=int, default=20_000)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo runs only where PORTAL_MODE is demo.")
        for each in _SIGNALS:
            signal.signal(each, _stop)
        try:
            self._run(port=options["port"], people=options["people"])
        except _Stopped:
            self.stdout.write("stopped; the state stays in var/ (make demo-reset empties it)")
        except (ProcessFailed, CrisisNotSent) as failure:
            raise CommandError(str(failure)) from failure

    def _run(self, *, port: int, people: int) -> None:
        self._say("Tables, privileges and places")
        call_command("prepare_database", verbosity=0)
        self._say("Static files")
        call_command("collectstatic", interactive=False, verbosity=0)
        self._say("Posts, officers and a partner agency")
        ensure_demo_staff()
        ensure_demo_agency()
        ensure_demo_estimates()
        self._say(f"{people:,} invented citizens on real cities")
        ensure_population(people)
        self._say("Mail and SMS sinks, web server, worker and scheduler")
        with DemoProcesses(port=port, folder=settings.VAR_DIR / "demo") as processes:
            processes.start_all()
            self._say("A traveller, a family and a group to be")
            ensure_demo_guests()
            self._say("A crisis to look at")
            ensure_demo_crises()
            self._say("Advice by country")
            ensure_demo_advice()
            self._say("The ledger of all that, verified")
            verify_ledger(whole=True)
            self.stdout.write(f"ready {processes.url} (begin at {processes.url}/demo/)")
            self.stdout.flush()
            while True:
                time.sleep(1)
                processes.raise_if_ended()

    def _say(self, step: str) -> None:
        self.stdout.write(f"· {step}")
        self.stdout.flush()
