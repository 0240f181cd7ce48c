"""Erases all whose time is over, at once, as the scheduler does each night."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from audit.actors import Actor
from registrations.actions import RunUnderWay, StepsFailed, run_retention
from registrations.models import RetentionRun
from registrations.retention_steps import Step, steps
from registrations.run_words import lines_of


class Command(BaseCommand):
    help = "Erase all whose time is over, or go on with a run that was interrupted; then report."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--take-over",
            action="store_true",
            help="go on with the run of a process that you know to be dead, without waiting",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with tqdm(total=len(steps()), unit="steps", disable=options["verbosity"] == 0) as bar:

            def heard(step: Step, run: RetentionRun) -> None:
                bar.set_description(str(step.title))
                bar.update(sum(run.is_done(one.name) for one in steps()) - bar.n)

            try:
                run = run_retention(
                    by=Actor.system("operator"), heard=heard, take_over=options["take_over"]
                )
            except RunUnderWay:
                raise CommandError(
                    "Another run is under way, or stood still less than five minutes ago. Try "
                    "again then, or use --take-over when you know that its process is dead."
                ) from None
            except StepsFailed as failed:
                raise CommandError(
                    f"These steps failed and are tried again by the next run: {failed}. The log "
                    "names what went wrong. All others are done."
                ) from None
        if run.resumed:
            self.stdout.write(f"This run was interrupted and taken up again: {run.resumed}.")
        for line in lines_of(run):
            self.stdout.write(line)
