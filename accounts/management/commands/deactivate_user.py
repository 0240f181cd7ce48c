"""Takes a user's way in."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.actions import deactivate_user
from accounts.management.users import user_named
from audit.actors import Actor


class Command(BaseCommand):
    help = "Close this user's account and end every session of it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = user_named(options["email"])
        deactivate_user(user=user, by=Actor.system("deactivate_user"))
        self.stdout.write(f"{user.email} can no longer sign in.")
