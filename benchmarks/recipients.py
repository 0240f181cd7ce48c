"""Gives an audience of exactly so many people one sealed address each: half mail, half SMS."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from itertools import islice

from django.db import connection
from django.utils import timezone

from benchmarks.areas import window
from crises.audience import audience
from crises.enums import DEFAULT_CLASSES
from geography.areas import Area
from privacy.sealing import seal
from registrations.models import ContactPoint

_TABLE = ContactPoint._meta.db_table
_COPY = f"""
COPY {_TABLE} (
    id, person_id, channel, address, address_index, verified_at, works_abroad, created_at)
FROM STDIN
"""


class TooFew(RuntimeError):
    """There are not as many people in the audience as are wanted."""


def seal_recipients(people: int, area: Area) -> None:
    """Replace all contact points by one for each of so many people of the area's audience."""
    found = audience(area, *window(), DEFAULT_CLASSES).values("person_id").distinct()
    chosen = list(found.order_by("person_id").values_list("person_id", flat=True)[:people])
    if len(chosen) < people:
        raise TooFew(f"{len(chosen):,} people are in the area, and {people:,} are wanted")
    lines = _lines(chosen)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {_TABLE} CASCADE")
        while some := "".join(islice(lines, 10_000)):
            cursor.copy_expert(_COPY, io.StringIO(some))
        cursor.execute(f"VACUUM ANALYZE {_TABLE}")


def _lines(people: list[uuid.UUID]) -> Iterator[str]:
    sealed_as = ContactPoint._meta.get_field("address").seal_id
    moment = timezone.now().isoformat()
    for number, person in enumerate(people):
        pk = uuid.uuid4()
        if number % 2:
            channel, address = "mail", f"traveller{number}@mail.example"
        else:
            channel, address = "sms", f"+5255{number:08d}"
        sealed = seal(address, seal=sealed_as, pk=pk, owner=person).raw.hex()
        # Nobody looks anybody up here: the index needs to differ, and no more.
        index = uuid.uuid4().hex
        yield (f"{pk}\t{person}\t{channel}\t\\\\x{sealed}\t\\\\x{index}\t{moment}\tt\t{moment}\n")
