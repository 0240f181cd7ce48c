"""Brings the secrets of second factors under the newest of FIELD_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.second_factor import reseal_second_factors


class Command(BaseCommand):
    help = "Seal officers' second factors under the newest key, before an older key is retired."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{reseal_second_factors()} second factors were sealed anew.")
