"""`manage.py verify_ledger`: walk the whole chain and say where it breaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Sum
from tqdm import tqdm

from audit.heads import KeptHead, kept_heads, unfit
from audit.models import Seal
from audit.verification import breaks, head, is_in_chain


class Command(BaseCommand):
    help = "Verify the ledger's chain of seals."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--expect", help="a seal's digest written down earlier, which must still be there"
        )
        parser.add_argument(
            "--heads",
            type=Path,
            metavar="FILE",
            help="lines of /oversight/heads.txt, or a mail with them, that you kept",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        total = Seal.objects.aggregate(total=Sum("entries"))["total"] or 0
        expected = options["expect"]
        kept = _kept(options["heads"]) if options["heads"] else []
        with tqdm(total=total, unit="entries", disable=options["verbosity"] == 0) as bar:
            found = list(breaks(bar.update))
        if expected and not _known(expected):
            found.append(f"no seal has the digest {expected}: the chain's end was cut off")
        found += unfit(kept)
        for problem in found:
            self.stderr.write(problem)
        if found:
            raise CommandError(f"The ledger is broken in {len(found)} places.")
        if kept:
            self.stdout.write(f"All {len(kept)} kept heads are links of the chain.")
        position, digest = head()
        self.stdout.write(f"The ledger is whole: {total} entries; seal {position} is {digest}")


def _kept(path: Path) -> list[KeptHead]:
    try:
        kept = kept_heads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise CommandError(f"{path} is no text, or names a day that there is not.") from None
    if not kept:
        raise CommandError(f"{path} holds no line with a day, a seal and its digest.")
    return kept


def _known(digest: str) -> bool:
    try:
        return is_in_chain(digest)
    except ValueError:
        raise CommandError("--expect takes a digest in hexadecimal.") from None
