"""`manage.py replay_journal`: what was erased or withdrawn since a backup is done again."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from audit.actors import Actor
from audit.journal.file import journal_file
from audit.journal.lines import JournalBroken
from audit.journal.replaying import ReplayRefused, replay_journal
from audit.journal.shipping import NotOurs
from audit.journal.standing import find_standing
from crises.actions import pause_sending


class Command(BaseCommand):
    help = (
        "Apply the journal of erasures and withdrawals to a restored database, which is served "
        "from then on. Whoever was signed in signs in again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--begin-anew",
            action="store_true",
            help=(
                "the journal is lost or broken for good: do what can still be read, and serve. "
                "Who was erased in the lines that are gone comes back; the ledger says so."
            ),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        quiet = True if not options["verbosity"] else None
        paused = 0
        if find_standing().closed:
            # A session that was ended since the backup must not open again.
            Session.objects.all().delete()
            # Before the workers may go on: what was under way then is old now.
            paused = pause_sending(by=Actor.system("operator"))
        try:
            total = journal_file().size()
            with tqdm(total=total, unit="B", unit_scale=True, disable=quiet) as bar:
                report = replay_journal(
                    by=Actor.system("operator"),
                    progress=bar.update,
                    begin_anew=options["begin_anew"],
                )
        except (ReplayRefused, NotOurs, JournalBroken) as refusal:
            raise CommandError(str(refusal)) from None
        except OSError as error:
            raise CommandError(
                f"The journal cannot be read: {error.filename}: {error.strerror}"
            ) from None
        changed = ", ".join(f"{kind} {count}" for kind, count in sorted(report.done.items()))
        self.stdout.write(
            f"{report.lines} lines after line {report.start}; changed: {changed or 'nothing'}."
        )
        if report.broken:
            self.stderr.write(f"{report.broken} lines could not be read.")
        if paused:
            self.stdout.write(
                f"{paused} notices that were being sent when the backup was made are paused: "
                "let a coordinator look at each in the crisis room, and resume or stop it."
            )
        self.stdout.write("The portal serves, within seconds.")
