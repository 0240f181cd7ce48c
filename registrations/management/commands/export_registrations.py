"""Writes all registrations into one encrypted file, for another installation of the portal."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from audit.actors import Actor
from registrations.actions.exporting import count_registrations, export_registrations
from registrations.exporting.document import Refused


class Command(BaseCommand):
    help = (
        "Write all registrations into one file, encrypted with age to whoever is to take them. "
        "The portal goes on running; what the file holds is one moment."
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
        path: Path = options["file"]
        unfinished = path.with_name(path.name + ".part")
        if path.exists():
            raise CommandError(f"{path} exists already: it will not be written over.")
        try:
            # Of the operator alone, and under its own name only once the ledger knows of it.
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise CommandError(
                f"{unfinished} exists: an export was broken off, or is being written. Remove it, "
                "if it is the former."
            ) from None
        except OSError as error:
            raise CommandError(f"{unfinished}: {error.strerror}") from None
        try:
            with (
                os.fdopen(handle, "wb") as target,
                tqdm(total=count_registrations(), unit="people", disable=None) as bar,
            ):
                summary = export_registrations(
                    to=target,
                    recipients=options["recipient"],
                    by=Actor.system("operator"),
                    progress=bar.update,
                )
                target.flush()
                os.fsync(target.fileno())
        except Refused as refusal:
            unfinished.unlink()
            raise CommandError(str(refusal)) from None
        except BaseException:
            unfinished.unlink()
            raise
        unfinished.rename(path)
        self.stdout.write(
            f"{summary.counts['person']} people, {summary.counts['group']} groups, "
            f"{summary.counts['merge']} merges."
        )
        self.stdout.write(f"Tell whoever imports it, by another way: {summary.digest}")
