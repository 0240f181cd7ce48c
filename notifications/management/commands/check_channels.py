"""Tells the operator which channels can send, and what to set for those that cannot."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from notifications.channels.installed import channel_names
from notifications.channels.ports import channel_module
from notifications.providers import providers_of


class Command(BaseCommand):
    help = "Checks the configuration of every channel; fails if one of them cannot send."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        for channel in channel_names():
            providers = providers_of(channel)
            if not providers:
                self.stdout.write(f"{channel}: off")
            for provider in providers:
                problems = channel_module(channel).check_config(provider)
                if provider.option("per_second") and provider.per_second is None:
                    problems.append("PER_SECOND is no number above 0.")
                broken += bool(problems)
                self.stdout.write(f"{provider.key}: {' '.join(problems) or 'ready'}")
        if broken:
            raise CommandError("Not every channel can send.")
