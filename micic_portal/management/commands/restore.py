"""`manage.py restore FILE --identity key.txt`: a backup into an empty installation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from micic_portal.backup.programs import ProgramMissing
from micic_portal.backup.restoring import RestoreRefused, restore_backup
from privacy.age import AgeRefused, identities_from


class Command(BaseCommand):
    help = "Put a backup into an empty installation: the whole of it, or nothing."
    # The tables are the backup's, of whichever version wrote it.
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--identity", type=Path, required=True, help="the key file that age-keygen wrote"
        )
        parser.add_argument(
            "--digest", default="", help="the sha256 that was written down when it was made"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            identities = identities_from(options["identity"].read_text(encoding="utf-8"))
            total = 2 * path.stat().st_size
            quiet = True if not options["verbosity"] else None
            with tqdm(total=total, unit="B", unit_scale=True, disable=quiet) as bar:
                header = restore_backup(
                    path, identities=identities, digest=options["digest"], progress=bar.update
                )
        except (AgeRefused, RestoreRefused, ProgramMissing) as refusal:
            raise CommandError(str(refusal)) from None
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from None
        self.stdout.write(
            f"Restored what was backed up at {header.made_at}, with the journal at line "
            f"{header.journal_position}. The portal does not serve yet. Next:\n"
            "  1. manage.py prepare_database   (if this version is newer than the backup)\n"
            "  2. manage.py replay_journal     (what was erased or withdrawn since is done again)"
        )
