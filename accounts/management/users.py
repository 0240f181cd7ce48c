"""What the commands about one user share."""

from __future__ import annotations

from django.core.management.base import CommandError

from accounts.models import User


def user_named(email: str) -> User:
    """The user with this mail address. Raises CommandError."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise CommandError("No user has this mail address.")
    return user
