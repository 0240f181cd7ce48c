"""`manage.py rotate_field_keys`: bring every sealed value under the newest of FIELD_KEYS."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from accounts.second_factor import keys_of_second_factors, reseal_second_factors
from audit.notes import OWN_KEY
from privacy.key_marks import describe, remember_keys, strange_keys
from privacy.keyring import key_ring
from privacy.resealing import BATCH, RowsHeld, reseal_table
from privacy.sealed_tables import UNREADABLE, SealedTable, keys_in_use, rows_under, sealed_tables

_SHOWN = 20


class Command(BaseCommand):
    help = "Seal anew, under the newest of FIELD_KEYS, what older keys seal. Can run at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count; change nothing")
        parser.add_argument(
            "--list", action="store_true", help="name every row that cannot be opened"
        )
        parser.add_argument(
            "--skip-lost",
            action="store_true",
            help="seal the rest anew although some values stand under a key that is lost",
        )
        parser.add_argument("--batch", type=int, default=BATCH, help="rows in a statement")

    def handle(self, *args: Any, **options: Any) -> None:
        if strange := strange_keys():
            named = ", ".join(f"{setting}: {describe(key_id)}" for setting, key_id in strange)
            raise CommandError(f"Not the keys that this database was filled with ({named}).")
        self._shown = None if options["list"] else _SHOWN
        tables = list(sealed_tables())
        lost = self._tell_lost([*tables, *sealed_tables(append_only=True)])
        if options["check"]:
            self._tell_use(tables)
            if lost:
                raise CommandError(f"{lost} values cannot be opened.")
            return
        if lost and not options["skip_lost"]:
            raise CommandError(
                f"{lost} values stand under a key that FIELD_KEYS does not hold. Nothing was "
                "changed. Put the key back; if it is lost for good, --skip-lost rotates the rest."
            )
        remember_keys()
        broken = self._rotate(tables, options)
        self._tell_use(tables)
        if broken or lost:
            raise CommandError(
                f"{broken + lost} values do not open. They were left exactly as they are."
            )

    def _rotate(self, tables: list[SealedTable], options: dict[str, Any]) -> int:
        """Seal anew; returns how many rows hold a value that does not open."""
        newest, known = key_ring().newest, set(key_ring().key_ids)
        total = sum(
            number
            for table in tables
            for field in table.fields
            for key_id, number in keys_in_use(table, field).items()
            if key_id in known - {newest}
        )
        changed, broken = 0, 0
        with tqdm(total=total, unit="values", disable=options["verbosity"] == 0) as bar:
            for table in tables:
                bar.set_description(table.name)
                try:
                    done = reseal_table(table, progress=bar.update, batch=options["batch"])
                except RowsHeld as held:
                    raise CommandError(f"{held} Run the command again.") from None
                changed += done.values
                broken += len(done.broken)
                for pk, field in list(done.broken.items())[: self._shown]:
                    self.stderr.write(f"{table.name}.{field} of {pk} does not open: it was altered")
        factors = reseal_second_factors()
        self.stdout.write(f"{changed} values and {factors} second factors were sealed anew.")
        return broken

    def _tell_lost(self, tables: list[SealedTable]) -> int:
        """Name the values under keys that are not in the ring; returns how many they are."""
        known = {*key_ring().key_ids, OWN_KEY, UNREADABLE}
        lost = 0
        for table in tables:
            for field in table.fields:
                for key_id, number in sorted(keys_in_use(table, field).items()):
                    if key_id in known:
                        continue
                    lost += number
                    rows = rows_under(table, field, key_id, limit=self._shown)
                    self.stderr.write(
                        f"{table.name}.{field.name}: {number} values under key {key_id!r}, which "
                        f"FIELD_KEYS does not hold: {', '.join(map(str, rows))}"
                        f"{', ...' if self._shown and number > self._shown else ''}"
                    )
        for key_id, number in sorted(keys_of_second_factors().items()):
            if key_id not in known:
                lost += number
                self.stderr.write(f"{number} second factors under key {key_id!r}, likewise")
        return lost

    def _tell_use(self, tables: list[SealedTable]) -> None:
        """Say how much each key still seals, and which may be taken out of the ring."""
        values: Counter[str] = keys_of_second_factors()
        for table in tables:
            for field in table.fields:
                values += keys_in_use(table, field)
        notes: Counter[str] = Counter()
        for table in sealed_tables(append_only=True):
            for field in table.fields:
                notes += keys_in_use(table, field)
        del notes[OWN_KEY]
        ring = key_ring()
        for key_id in dict.fromkeys([*ring.key_ids, *sorted(values)]):
            name = describe(key_id) if key_id != UNREADABLE else "no key that can be read"
            self.stdout.write(f"{name}: {values[key_id]} values")
        for key_id, number in sorted(notes.items()):
            self.stdout.write(
                f"{number} notes of the ledger from before are sealed straight under key "
                f"{key_id!r}: keep it for reading them"
            )
        free = [i for i in ring.key_ids if i != ring.newest and not values[i] and not notes[i]]
        if free:
            self.stdout.write(f"May be taken out of FIELD_KEYS now: {', '.join(free)}")
