"""Lets someone set up a new second factor who lost the old one."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.actions import reset_second_factor
from accounts.management.users import user_named
from audit.actors import Actor


class Command(BaseCommand):
    help = "Remove this user's second factors. Make sure who is asking: call them back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = user_named(options["email"])
        removed = reset_second_factor(user=user, by=Actor.system("reset_second_factor"))
        self.stdout.write(f"{removed} second factors of {user.email} were removed.")
        self.stdout.write("The next sign-in asks for a new one.")
