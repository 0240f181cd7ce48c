"""`manage.py load_estimates FILE`: how many citizens are thought to be in which country."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from audit.actors import Actor
from registrations.actions.estimates import load_estimates
from registrations.estimate_files import COLUMNS, MAX_BYTES, EstimateFileError, read_estimates
from registrations.models import CitizenEstimate

_SHOWN = 50


class Command(BaseCommand):
    help = (
        "Load estimates of how many citizens are in each country, from a CSV file with the columns "
        f"{', '.join(COLUMNS)}. The same country, year and source are replaced. Nothing is loaded "
        "when one line is wrong. Without a file, list what is loaded."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="a CSV file in UTF-8")
        parser.add_argument(
            "--check", action="store_true", help="only read and check; write nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"] is None:
            self._list()
            return
        try:
            with options["file"].open("rb") as file:
                estimates = read_estimates(file.read(MAX_BYTES + 1))
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from None
        except EstimateFileError as error:
            for wrong in error.wrong[:_SHOWN]:
                self.stderr.write(str(wrong))
            raise CommandError(
                f"Nothing was loaded: {len(error.wrong)} mistakes in {options['file']}."
            ) from None
        if options["check"]:
            self.stdout.write(f"{len(estimates):,} estimates, all of them right. Nothing written.")
            return
        quiet = options["verbosity"] == 0
        with tqdm(total=len(estimates), unit="estimates", disable=quiet) as bar:
            replaced = load_estimates(
                estimates=estimates, by=Actor.system("load_estimates"), progress=bar.update
            )
        self.stdout.write(f"{len(estimates):,} estimates loaded, {replaced:,} of them replaced.")

    def _list(self) -> None:
        for one in CitizenEstimate.objects.order_by("country", "source", "-year"):
            residents = _range(one.residents_low, one.residents_high)
            travellers = _range(one.travellers_low, one.travellers_high)
            self.stdout.write(
                f"{one.country} {one.year}: residents {residents}; travellers on a day "
                f"{travellers}. {one.source}. Loaded {one.loaded_at:%Y-%m-%d}."
            )
        self.stdout.write(f"{CitizenEstimate.objects.count():,} estimates are loaded.")


def _range(low: int | None, high: int | None) -> str:
    return "not estimated" if low is None else f"{low:,} to {high:,}"
