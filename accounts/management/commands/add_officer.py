"""Adds a user of the ministry, in any role."""

from __future__ import annotations

import getpass
import os
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actions import create_officer
from accounts.enums import Role
from accounts.models import Post
from audit.actors import Actor

PASSWORD_VARIABLE = "OFFICER_PASSWORD"  # noqa: S105  # nosec B105


class Command(BaseCommand):
    help = f"Add a user. The password is asked for, or taken from {PASSWORD_VARIABLE}."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--post", default="", help="the post's name, or its id")
        parser.add_argument("--language", default="en")

    def handle(self, *args: Any, **options: Any) -> None:
        post = self._post(options["post"]) if options["post"] else None
        password = os.environ.get(PASSWORD_VARIABLE) or getpass.getpass()
        try:
            user = create_officer(
                email=options["email"],
                name=options["name"],
                role=options["role"],
                post=post,
                password=password,
                language=options["language"],
                by=Actor.system("add_officer"),
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{user.email}: {user.pk}")

    def _post(self, wanted: str) -> Post:
        posts = [
            post for post in Post.objects.order_by("name") if wanted in (post.name, str(post.pk))
        ]
        if len(posts) != 1:
            raise CommandError(f"{len(posts)} posts are called {wanted!r}: name one, or its id.")
        return posts[0]
