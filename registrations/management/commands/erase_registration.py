"""Erases one person who asked for it, by the reference that they quote."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.actors import Actor
from registrations.actions import erase_person
from registrations.models import Person
from registrations.references import identifiers_of


class Command(BaseCommand):
    help = "Erase a registration for a person who has shown the consulate that it is theirs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reference", help="what the person was shown at the end: 7K2M-9QX4")

    def handle(self, *args: Any, **options: Any) -> None:
        between = identifiers_of(options["reference"])
        if between is None:
            raise CommandError("This is no reference: it has eight letters and digits.")
        found = list(Person.objects.filter(pk__range=between).values_list("pk", flat=True)[:2])
        if not found:
            raise CommandError("Nobody is registered under this reference.")
        if len(found) > 1:
            raise CommandError("Several people share this reference; nothing was erased.")
        erase_person(person_id=found[0], by=Actor.system("operator"))
        self.stdout.write("The registration is erased.")
