"""`manage.py verify_ledger`: walk the whole chain and say where it breaks."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Sum
from tqdm import tqdm

from audit.models import Seal
from audit.verification import breaks, head, is_in_chain


class Command(BaseCommand):
    help = "Verify the ledger's chain of seals."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--expect", help="a seal's digest written down earlier, which must still be there"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        total = Seal.objects.aggregate(total=Sum("entries"))["total"] or 0
        expected = options["expect"]
        with tqdm(total=total, unit="entries", disable=options["verbosity"] == 0) as bar:
            found = list(breaks(bar.update))
        if expected and not _known(expected):
            found.append(f"no seal has the digest {expected}: the chain's end was cut off")
        for problem in found:
            self.stderr.write(problem)
        if found:
            raise CommandError(f"The ledger is broken in {len(found)} places.")
        position, digest = head()
        self.stdout.write(f"The ledger is whole: {total} entries; seal {position} is {digest}")


def _known(digest: str) -> bool:
    try:
        return is_in_chain(digest)
    except ValueError:
        raise CommandError("--expect takes a digest in hexadecimal.") from None
