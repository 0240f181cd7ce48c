"""The newest seal of each day, published where whoever rewrites the past cannot take it back."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import router, transaction
from django.db.models import Max, Sum
from django.utils import timezone

from audit.models import Head, Seal
from audit.sealing import wait_for_turn

_LINE = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})\s+(?P<position>\d{1,18})\s+(?P<digest>[0-9a-f]{64})\s+\d+"
)


@dataclass(frozen=True, slots=True)
class KeptHead:
    """A line that somebody kept, from a mail or from the page."""

    day: dt.date
    position: int
    digest: bytes


def publish_heads(now: dt.datetime | None = None) -> list[Head]:
    """Write the head of every day (UTC) that is over and has none yet, the oldest first.

    A day without entries has the head of the day before. Nothing is published before there is a
    first seal.
    """
    today = (now or timezone.now()).astimezone(dt.UTC).date()
    with transaction.atomic(using=router.db_for_write(Head)):
        # A seal that was begun before midnight is in, and two publishers take turns.
        wait_for_turn()
        last = Head.objects.order_by("-day").first()
        first = Seal.objects.order_by("position").first()
        if first is None:
            return []
        day = last.day + dt.timedelta(days=1) if last else first.sealed_at.astimezone(dt.UTC).date()
        made: list[Head] = []
        while day < today:
            last = _publish(day, last)
            if last is not None:
                made.append(last)
            day += dt.timedelta(days=1)
    return made


def _publish(day: dt.date, last: Head | None) -> Head | None:
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC)
    after = last.position if last else 0
    newer = Seal.objects.filter(position__gt=after)
    reached = newer.filter(sealed_at__lt=midnight).aggregate(top=Max("position"))["top"]
    if reached is None:
        if last is None:
            return None
        return Head.objects.create(day=day, position=after, digest=bytes(last.digest), entries=0)
    entries = newer.filter(position__lte=reached).aggregate(total=Sum("entries"))["total"]
    digest = bytes(Seal.objects.values_list("digest", flat=True).get(position=reached))
    return Head.objects.create(day=day, position=reached, digest=digest, entries=entries)


def kept_heads(text: str) -> list[KeptHead]:
    """The lines in whatever somebody kept: a file from the page, or a whole mail, quoted or not."""
    return [
        KeptHead(
            dt.date.fromisoformat(found["day"]),
            int(found["position"]),
            bytes.fromhex(found["digest"]),
        )
        for found in _LINE.finditer(text)
    ]


def unfit(heads: Iterable[KeptHead | Head]) -> Iterator[str]:
    """One sentence for each day whose head is no longer a link of the chain, the oldest first."""
    for head in sorted(heads, key=lambda head: (head.day, head.position)):
        found = Seal.objects.filter(position=head.position).values_list("digest", flat=True).first()
        if found is None:
            yield f"{head.day} no longer fits: seal {head.position} is gone"
        elif bytes(found) != bytes(head.digest):
            yield f"{head.day} no longer fits: seal {head.position} has another digest"
