"""Takes the registrations of another installation from an encrypted file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from audit.actors import Actor
from registrations.actions.importing import check_document, import_registrations
from registrations.exporting.document import Item, Refused
from registrations.exporting.sealing import identities_from


class Command(BaseCommand):
    help = (
        "Take the registrations that another installation exported. The whole file is checked "
        "before anything is written. Whoever is here already is left as they are, so that an "
        "import that was interrupted can be started again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what export_registrations wrote")
        parser.add_argument(
            "--identity", type=Path, required=True, help="the key file that age-keygen wrote"
        )
        parser.add_argument(
            "--digest",
            help="what export_registrations said at its end; anything else is refused",
        )
        parser.add_argument(
            "--check", action="store_true", help="only read and check; write nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._import(options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from None

    def _import(self, options: dict[str, Any]) -> None:
        identities = identities_from(options["identity"].read_text(encoding="utf-8"))
        # Held open from the check to the end, so that nobody can put another in its place.
        with options["file"].open("rb") as source:
            summary = check_document(source, identities=identities, on_header=self._tell)
            self.stdout.write(f"The file is whole: {summary.digest}")
            if options["digest"] not in (None, summary.digest):
                raise Refused("This is not the file whose digest was given. Nothing was taken.")
            people = summary.counts["person"]
            if options["check"]:
                self.stdout.write(f"{people} people can be taken. Nothing was written.")
                return
            with tqdm(total=people, unit="people", disable=None) as bar:
                imported = import_registrations(
                    source,
                    identities=identities,
                    by=Actor.system("operator"),
                    progress=bar.update,
                )
        self.stdout.write(
            f"{imported.people} people taken; {imported.here_already} were here already and stay "
            "as they are."
        )

    def _tell(self, header: Item) -> None:
        self.stdout.write(
            f"Version {header['version']}, written at {str(header.get('created_at'))[:19]} UTC."
        )
