"""Ends a partner agency's access."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.actors import Actor
from partners.actions import deactivate_agency
from partners.models import Agency


class Command(BaseCommand):
    help = "End an agency's access at once. Tokens it still holds are refused."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        agency = Agency.objects.filter(name=options["name"]).first()
        if agency is None:
            raise CommandError(f"No agency is called {options['name']!r}.")
        deactivate_agency(agency=agency, by=Actor.system("close_agency"))
        self.stdout.write(f"{agency.name} may read no more.")
