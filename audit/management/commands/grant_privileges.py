"""`manage.py grant_privileges`: bind the serving role to what it needs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.privileges import UnfitRole, grant_privileges, owner_alias


class Command(BaseCommand):
    help = "Give the serving role its privileges: the ledger can be added to, never altered."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("roles", nargs="*", default=["micic_serving"], metavar="role")

    def handle(self, *args: Any, **options: Any) -> None:
        for role in options["roles"]:
            try:
                tables = grant_privileges(role, using=owner_alias())
            except UnfitRole as error:
                raise CommandError(str(error)) from None
            self.stdout.write(f"{role}: privileges on {tables} tables")
