"""Adds an embassy or a consulate."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actions import create_post
from audit.actors import Actor


class Command(BaseCommand):
    help = "Add an embassy or a consulate, with the countries it answers for."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--city", required=True)
        parser.add_argument("--country", required=True, help="ISO 3166 code of where it stands")
        parser.add_argument(
            "--jurisdiction",
            required=True,
            nargs="+",
            metavar="CODE",
            help="ISO 3166 codes of the countries it answers for",
        )
        parser.add_argument("--address", required=True)
        parser.add_argument("--telephone", required=True, help="24-hour number, with + and code")
        parser.add_argument("--email", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            post = create_post(
                name=options["name"],
                city=options["city"],
                country=options["country"],
                jurisdiction=options["jurisdiction"],
                address=options["address"],
                telephone_24h=options["telephone"],
                email=options["email"],
                by=Actor.system("add_post"),
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{post.name}: {post.pk}")
