"""`manage.py load_sms_costs FILE`: what a part of a text message costs in which country."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.actors import Actor
from notifications.actions.prices import load_sms_prices
from notifications.channels.sms.costs import COLUMNS, MAX_BYTES, PriceFileError, read_prices
from notifications.channels.sms.models import SmsPrice

_SHOWN = 50


class Command(BaseCommand):
    help = (
        "Load what one part of a text message costs, from a CSV file with the columns "
        f"{', '.join(COLUMNS)}. It replaces all that was loaded before. Nothing is loaded when one "
        "line is wrong. Without a file, list what is loaded."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="a CSV file in UTF-8")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"] is None:
            for one in SmsPrice.objects.order_by("country"):
                self.stdout.write(f"{one}. Loaded {one.loaded_at:%Y-%m-%d}.")
            return
        try:
            with options["file"].open("rb") as file:
                prices = read_prices(file.read(MAX_BYTES + 1))
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from None
        except PriceFileError as error:
            for wrong in error.wrong[:_SHOWN]:
                self.stderr.write(wrong)
            raise CommandError(f"Nothing was loaded: {len(error.wrong)} mistakes.") from None
        load_sms_prices(prices=prices, by=Actor.system("load_sms_costs"))
        self.stdout.write(f"{len(prices):,} prices loaded.")
