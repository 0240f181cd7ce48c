"""Loads the places of GeoNames; run again after an upgrade of the package, it updates them."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DEFAULT_DB_ALIAS

from geography.actions import load_places, read_cities


class Command(BaseCommand):
    help = "Load 234,908 places with their names (GeoNames, CC BY 4.0) into the database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS)

    def handle(self, *args: Any, database: str, verbosity: int, **options: Any) -> None:
        started = time.monotonic()
        if verbosity:
            self.stderr.write("Reading the list of places ...")
        loaded = load_places(cities=read_cities(), using=database, progress=verbosity > 0)
        self.stdout.write(f"{loaded:,} places in {time.monotonic() - started:.1f} s")
