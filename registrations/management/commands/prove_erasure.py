"""Proves that nothing of an erased person can be found in any table or index."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from registrations.models import Person
from registrations.proof.needles import needles_from
from registrations.proof.proving import prove
from registrations.proof.reporting import bars, tell


class Command(BaseCommand):
    help = (
        "Look for an erased person in every column of every table, then in the files of all "
        "tables and indexes. Fails, and says where, when anything is found."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", type=UUID, help="the identifier that the person had")
        parser.add_argument(
            "--value",
            action="append",
            default=[],
            help="an address, a name or a number to look for as well; an address is looked for "
            "by its blind indexes too. Mind the history of your shell",
        )
        parser.add_argument(
            "--rewrite",
            action="store_true",
            help="write tables anew whose files hold bytes of deleted rows; locks each meanwhile",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        person_id = options["person"]
        if Person.objects.filter(pk=person_id).exists():
            raise CommandError("This person is not erased.")
        try:
            needles = needles_from([person_id], options["value"])
        except (ValueError, ValidationError):
            raise CommandError(
                "A value is a whole address, or at least six letters or digits."
            ) from None
        with bars(silent=options["verbosity"] == 0) as progress:
            proof = prove(
                needles,
                gone=frozenset({person_id}),
                progress=progress,
                rewrite=options["rewrite"],
            )
        tell(proof, say=self.stdout.write, warn=self.stderr.write)
