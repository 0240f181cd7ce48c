"""Erases one person who asked for it, by the reference that they quote."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.actors import Actor
from registrations.actions import erase_on_request
from registrations.erasing import Erasure
from registrations.kept_words import kept_words
from registrations.models import Person
from registrations.people_standing import shells_of, standing
from registrations.proof.needles import needles_of
from registrations.proof.proving import prove
from registrations.proof.reporting import bars, tell
from registrations.references import identifiers_of


class Command(BaseCommand):
    help = "Erase a registration for a person who has shown the consulate that it is theirs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reference", help="what the person was shown at the end: 7K2M-9QX4")
        parser.add_argument(
            "--prove",
            action="store_true",
            help="then look through the whole database, and fail when anything is found",
        )
        parser.add_argument(
            "--rewrite",
            action="store_true",
            help="with --prove: write tables anew whose files hold bytes of deleted rows",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        person_id = _person_of(options["reference"])
        needles = needles_of(person_id) if options["prove"] else None
        head = standing(person_id)
        people = frozenset({head, *shells_of(head)})
        done = erase_on_request(person_id=person_id, by=Actor.system("operator"))
        if done is None:
            raise CommandError("The registration was erased a moment ago.")
        self._report(done)
        if needles is None:
            return
        with bars(silent=options["verbosity"] == 0) as progress:
            proof = prove(needles, gone=people, progress=progress, rewrite=options["rewrite"])
        tell(proof, say=self.stdout.write, warn=self.stderr.write)

    def _report(self, done: Erasure) -> None:
        self.stdout.write("The registration is erased.")
        rows = ", ".join(f"{number} {name}" for name, number in done.erased.items() if number)
        self.stdout.write(f"Rows: {rows}.")
        if not done.kept:
            self.stdout.write("Nothing of it stays.")
        for item in done.kept:
            self.stdout.write(f"Stays: {' '.join(kept_words(item).lines)}")


def _person_of(reference: str) -> UUID:
    """Raises CommandError unless it is one person's."""
    between = identifiers_of(reference)
    if between is None:
        raise CommandError("This is no reference: it has eight letters and digits.")
    found = list(Person.objects.filter(pk__range=between).values_list("pk", flat=True)[:2])
    if not found:
        raise CommandError("Nobody is registered under this reference.")
    if len(found) > 1:
        raise CommandError("Several people share this reference; nothing was erased.")
    return found[0]
