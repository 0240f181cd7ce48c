"""Makes the keys with which browsers' push services know this portal."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from notifications.channels.push.signing import new_keys


class Command(BaseCommand):
    help = (
        "Prints a new pair of keys for notifications in browsers, as variables to be set. "
        "With other keys, everybody has to subscribe again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        keys = new_keys()
        self.stdout.write("PUSH_PROVIDERS=webpush")
        self.stdout.write(f"PUSH_WEBPUSH_PUBLIC_KEY={keys.public}")
        self.stdout.write(f"PUSH_WEBPUSH_PRIVATE_KEY={keys.private}")
