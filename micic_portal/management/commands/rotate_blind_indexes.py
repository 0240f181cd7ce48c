"""`manage.py rotate_blind_indexes`: make every blind index again under the newest secret."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from privacy.index_ring import index_ring
from privacy.index_sources import (
    UNKNOWN,
    IndexSource,
    Rebuilder,
    index_sources,
    keys_of_indexes,
    old_rows,
    reindex,
)
from privacy.key_marks import describe, remember_keys, strange_keys


class Command(BaseCommand):
    help = "Make blind indexes again under the newest of BLIND_INDEX_KEY. Can run at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count; change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if strange := strange_keys():
            named = ", ".join(f"{setting}: {describe(key_id)}" for setting, key_id in strange)
            raise CommandError(f"Not the keys that this database was filled with ({named}).")
        if not options["check"]:
            remember_keys()
            for source in index_sources():
                self._rotate(source, quiet=options["verbosity"] == 0)
        self._tell_use()

    def _rotate(self, source: IndexSource | Rebuilder, *, quiet: bool) -> None:
        name = source.model._meta.db_table
        total = source.count() if isinstance(source, Rebuilder) else old_rows(source).count()
        with tqdm(total=total, desc=name, unit="rows", disable=quiet) as bar:
            if isinstance(source, Rebuilder):
                done, what = source.rebuild(bar.update), "people"
            else:
                try:
                    done, what = reindex(source, progress=bar.update), "indexes"
                except TimeoutError as held:
                    raise CommandError(f"{held} Run the command again.") from None
        self.stdout.write(f"{name}.{source.field}: {done} {what} made again.")

    def _tell_use(self) -> None:
        """Say what each secret still finds, until when that is kept, and what may be taken out."""
        ring = index_ring()
        needed = {ring.newest}
        for source in index_sources():
            name = f"{source.model._meta.db_table}.{source.field}"
            if isinstance(source, Rebuilder):
                waiting = source.count()
                self.stdout.write(f"{name}: {waiting} people wait for new ones")
                needed |= set(ring.key_ids) if waiting else set()
                continue
            for key_id, number in keys_of_indexes(source).items():
                which = "a secret not in the ring" if key_id == UNKNOWN else describe(key_id)
                kept = ""
                if key_id != ring.newest:
                    needed |= {key_id} if source.lasting else set()
                    kept = f"; nothing else is kept of them, {source.kept(old_rows(source))}"
                self.stdout.write(f"{name}: {number} under {which}{kept}")
        free = [describe(key_id) for key_id in ring.key_ids if key_id not in needed]
        if free:
            self.stdout.write(f"May be taken out of BLIND_INDEX_KEY now: {', '.join(free)}")
