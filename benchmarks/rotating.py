"""Rotates the keys beside a bare loop over the same values, under the same visitors."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import re
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import aiohttp
from asgiref.sync import sync_to_async
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connections

from audit.privileges import owner_alias
from benchmarks.load import Numbers, percentile
from benchmarks.results import Line
from benchmarks.travellers import Seen, Town, Traveller
from geography.models import Place
from privacy.sealed_tables import keys_in_use, sealed_tables
from registrations.contacts import point_index
from registrations.models import ContactPoint, Person

_SAID = re.compile(r"(\d+) values and \d+ second factors were sealed anew")
_REINDEXED = re.compile(r": (\d+) (?:indexes|people) made again")
# At least as fast as the bare loop, with everything that the loop does without.
SHARE_OF_BARE = 1.0

Say = Callable[[str], None]


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@dataclass(frozen=True, slots=True)
class Rings:
    """The keys before, and those that take their place."""

    former_field: str
    new_field: str
    former_index: str
    new_index: str

    @classmethod
    def generate(cls) -> Rings:
        return cls(f"former:{_key()}", f"new:{_key()}", _key(), f"new:{_key()}")

    def use_former(self) -> None:
        _use(self.former_field, self.former_index)

    def use_both(self) -> None:
        _use(f"{self.new_field},{self.former_field}", f"{self.new_index},{self.former_index}")

    def use_new(self) -> None:
        _use(self.new_field, self.new_index)


def _use(field_keys: str, index_keys: str) -> None:
    """In this process and in those that it starts."""
    os.environ["FIELD_KEYS"] = settings.FIELD_KEYS = field_keys
    os.environ["BLIND_INDEX_KEY"] = settings.BLIND_INDEX_KEY = index_keys


async def rotate_under_load(
    rings: Rings, *, base: str, sinks: str, per_second: float, say: Say
) -> dict[str, Any]:
    """Run the bare loop and both commands while visitors register. Raises WrongTurn."""
    seen, numbers, stop = Seen(), Numbers(), asyncio.Event()
    towns = await sync_to_async(_towns)()
    say("Reading what every sealed value holds")
    truth = await sync_to_async(_everything)()
    figures: dict[str, Any] = {}
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(),
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=1),
        timeout=aiohttp.ClientTimeout(total=60),
    ) as session:

        async def register(number: int) -> None:
            town = towns[number % len(towns)]
            visitor = Traveller(session, base=base, sinks=sinks, number=number, town=town)
            await visitor.register(seen)

        async def load() -> None:
            begin, turn = time.perf_counter(), 0
            async with asyncio.TaskGroup() as visitors:
                while not stop.is_set():
                    turn += 1
                    visitors.create_task(register(numbers.next()))
                    await asyncio.sleep(max(begin + turn / per_second - time.perf_counter(), 0))

        async def work() -> None:
            try:
                # Until as many visitors are under way as will be throughout.
                await asyncio.sleep(4)
                say("The bare loop: opens, seals and updates the same addresses row by row")
                values, seconds = await sync_to_async(partial(_bare_loop, rings))()
                figures["bare_values_per_s"] = round(values / seconds)
                say("manage.py rotate_field_keys")
                await _rotate(figures, seen, "rotate_field_keys", _SAID, "values_resealed")
                say("manage.py rotate_blind_indexes")
                await _rotate(figures, seen, "rotate_blind_indexes", _REINDEXED, "indexes_made")
            finally:
                stop.set()

        async with asyncio.TaskGroup() as group:
            group.create_task(load())
            group.create_task(work())
    say("Opening everything with the new keys alone")
    # What visitors began under both keys is under the new ones already.
    rings.use_new()
    figures |= await sync_to_async(partial(_compare, truth))()
    figures["registered_meanwhile"] = len(seen.registered)
    figures["requests_meanwhile"] = len(seen.requests)
    figures["p95_ms"] = round(percentile([took for _end, took in seen.requests], 0.95) * 1000, 1)
    figures["errors"] = 0  # A request that is not answered as it must be ends the run.
    figures["share_of_bare"] = round(
        figures["values_resealed_per_s"] / figures["bare_values_per_s"], 2
    )
    return {"rotation": figures}


async def _rotate(
    figures: dict[str, Any], seen: Seen, command: str, counted: re.Pattern[str], name: str
) -> None:
    requests, registered, began = len(seen.requests), len(seen.registered), time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "manage.py", command, "--verbosity", "0",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _errors = await process.communicate()
    seconds = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"{command} failed: {said.decode()}")
    number = sum(int(found) for found in counted.findall(said.decode()))
    figures[name] = number
    figures[f"{name}_per_s"] = round(number / seconds)
    figures[f"{command}_s"] = round(seconds, 1)
    figures[f"{command}_requests_meanwhile"] = len(seen.requests) - requests
    figures[f"{command}_registered_meanwhile"] = len(seen.registered) - registered


def _towns() -> list[Town]:
    cities = Place.objects.filter(population__gte=1_000_000).order_by("pk")[:200]
    return [Town(place.pk, place.name, place.country) for place in cities]


def _everything() -> dict[tuple[str, Any, str], bytes]:
    """A digest of what each sealed value holds, by table, row and field. Every value must open."""
    found = {}
    for table in sealed_tables():
        if table.model._meta.app_label not in {"registrations", "crises", "audit"}:
            continue
        for row in table.model._base_manager.order_by("pk").iterator(chunk_size=500):
            for field in table.fields:
                value = getattr(row, field.attname)
                if value is not None:
                    digest = hashlib.sha256(repr(value).encode()).digest()[:12]
                    found[table.name, row.pk, field.attname] = digest
    return found


def _compare(truth: dict[tuple[str, Any, str], bytes]) -> dict[str, Any]:
    now = _everything()
    old = sum(
        number
        for table in sealed_tables()
        for field in table.fields
        for key_id, number in keys_in_use(table, field).items()
        if key_id != "new"
    )
    people = set(Person.objects.values_list("pk", flat=True))
    lost = sum(
        now.get(where) != digest
        for where, digest in truth.items()
        # Drafts and codes come and go with their visitors.
        if where[0] not in {"registrations_draft", "registrations_challenge"}
    )
    points = ContactPoint.objects.order_by("pk").iterator(chunk_size=500)
    unfindable = sum(bytes(point.address_index) != point_index(point) for point in points)
    return {
        "values_before": len(truth),
        "values_after": len(now),
        "values_lost": lost,
        "values_under_the_former_key": old,
        "addresses_not_found": unfindable,
        "people": len(people),
    }


def _bare_loop(rings: Rings) -> tuple[int, float]:
    """What a loop without batches does: each address of a copy opened, sealed and updated alone."""
    former, new = (
        AESGCM(base64.b64decode(ring.partition(":")[2]))
        for ring in (rings.former_field, rings.new_field)
    )
    with connections[owner_alias()].cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare_values")
        cursor.execute("CREATE TABLE bare_values (id uuid PRIMARY KEY, value bytea NOT NULL)")
        cursor.execute("SELECT id, address FROM registrations_contactpoint ORDER BY id")
        for pk, raw in cursor.fetchall():
            nonce = os.urandom(12)
            sealed = nonce + former.encrypt(nonce, bytes(raw), pk.bytes)
            cursor.execute("INSERT INTO bare_values VALUES (%s, %s)", [pk, sealed])
        began, done = time.perf_counter(), 0
        cursor.execute("SELECT id, value FROM bare_values ORDER BY id")
        for pk, raw in cursor.fetchall():
            held, nonce = bytes(raw), os.urandom(12)
            opened = former.decrypt(held[:12], held[12:], pk.bytes)
            cursor.execute(
                "UPDATE bare_values SET value = %s WHERE id = %s AND value = %s",
                [nonce + new.encrypt(nonce, opened, pk.bytes), pk, held],
            )
            done += cursor.rowcount
        seconds = time.perf_counter() - began
        cursor.execute("DROP TABLE bare_values")
    return done, seconds


def table(figures: dict[str, Any]) -> list[Line]:
    none = {name: figures[name] for name in _NONE}
    return [
        Line("Values sealed anew per second", f"{figures['values_resealed_per_s']:,}"),
        Line("The bare loop, values per second", f"{figures['bare_values_per_s']:,}"),
        Line(
            "Share of the bare loop",
            f"{figures['share_of_bare']}",
            f"at least {SHARE_OF_BARE}",
            figures["share_of_bare"] >= SHARE_OF_BARE,
        ),
        Line("Indexes made per second", f"{figures['indexes_made_per_s']:,}"),
        Line("Registered meanwhile", f"{figures['registered_meanwhile']:,}"),
        Line("95 of 100 requests within (ms)", f"{figures['p95_ms']}"),
        *(Line(label, str(none[name]), "none", not none[name]) for name, label in _NONE.items()),
    ]


_NONE = {
    "values_lost": "Values lost",
    "values_under_the_former_key": "Values under the former key",
    "addresses_not_found": "Addresses not found again",
    "errors": "Requests answered wrongly",
}
