"""Brings an empty or older database up to date: tables, the serving role's privileges, places."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from geography.models import Place
from privacy.key_marks import remember_keys


class Command(BaseCommand):
    help = "Migrate as the owner, grant the serving role its privileges and load the places."

    def handle(self, *args: Any, **options: Any) -> None:
        owner = "owner" if "owner" in settings.DATABASES else "default"
        call_command("migrate", database=owner, interactive=False, verbosity=options["verbosity"])
        if owner == "owner":
            call_command("grant_privileges", settings.DATABASES["default"]["USER"])
        remember_keys(using=owner)
        # Loaded in one transaction, so that any place means all of them.
        if not Place.objects.using(owner).exists():
            call_command("load_places", database=owner)
