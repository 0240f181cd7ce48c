"""`manage.py backup FILE --recipient age1...`: the whole database, encrypted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from audit.actors import Actor
from micic_portal.backup.making import BackupFailed, make_backup
from micic_portal.backup.programs import ProgramMissing
from privacy.age import AgeRefused, recipients_from


class Command(BaseCommand):
    help = (
        "Write the whole database into one file, encrypted with age. The portal goes on running. "
        "The keys that open its fields are not in it: keep them elsewhere."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="where to write it; it must not exist yet")
        parser.add_argument(
            "--recipient",
            action="append",
            required=True,
            help="the public key (age1...) that age-keygen shows; may be given several times",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        bar = tqdm(unit="B", unit_scale=True, disable=True if not options["verbosity"] else None)
        try:
            with bar:
                made = make_backup(
                    options["file"],
                    recipients=recipients_from(options["recipient"]),
                    by=Actor.system("operator"),
                    progress=bar.update,
                )
        except (AgeRefused, BackupFailed, ProgramMissing) as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(
            f"{options['file']}: {made.size:,} bytes, journal at line {made.journal_position}."
        )
        self.stdout.write(f"Write down, apart from it: sha256 {made.digest}")
