"""Adds a partner agency and shows its credentials once."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.actors import Actor
from partners.actions import create_agency
from partners.enums import AgencyKind


class Command(BaseCommand):
    help = "Add a partner agency. Its secret is shown this once; hand it over by a safe way."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--kind", required=True, choices=AgencyKind.values)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            agency, secret = create_agency(
                name=options["name"], kind=options["kind"], by=Actor.system("add_agency")
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"client_id={agency.client_id}\nclient_secret={secret}")
