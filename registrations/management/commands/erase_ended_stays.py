"""Erases the stays whose time is over, as the scheduler does each night."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from audit.actors import Actor
from registrations.actions import erase_ended_stays


class Command(BaseCommand):
    help = "Erase stays that ended longer ago than STAY_RETENTION_DAYS, and people without any."

    def handle(self, *args: Any, **options: Any) -> None:
        done = erase_ended_stays(by=Actor.system("retention"))
        self.stdout.write(
            f"Erased {done.stays} stays and {done.people} people; "
            f"open crises hold {done.held} more stays."
        )
