"""Ends every session of a user."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.actions import revoke_sessions
from accounts.management.users import user_named
from audit.actors import Actor


class Command(BaseCommand):
    help = "End every session of this user, on every device."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = user_named(options["email"])
        ended = revoke_sessions(user=user, by=Actor.system("end_sessions"))
        self.stdout.write(f"{ended} sessions of {user.email} were ended.")
