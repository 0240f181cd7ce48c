"""Lets someone try to sign in again who was locked out."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.actions import unlock_user
from accounts.management.users import user_named
from audit.actors import Actor


class Command(BaseCommand):
    help = "Forget the wrong passwords and codes typed for this user, which ends a lockout at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = user_named(options["email"])
        forgotten = unlock_user(user=user, by=Actor.system("unlock_user"))
        self.stdout.write(f"{user.email} may try again; {forgotten} refused tries were forgotten.")
