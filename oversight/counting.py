"""The fullest window: how many different things were seen within any hour, or any day. Pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter, deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing (a person's digest, an area) that one act showed."""

    at: dt.datetime
    act: Hashable
    thing: Hashable


@dataclass(frozen=True, slots=True)
class Stretch:
    """The fullest window: how many different things, by how many acts, from when until when."""

    count: int
    acts: int
    since: dt.datetime
    until: dt.datetime


def fullest(sightings: Iterable[Sighting], window: dt.timedelta) -> Stretch | None:
    """The window of that length, open at its beginning, with most different things."""
    inside: deque[Sighting] = deque()
    things: Counter[Hashable] = Counter()
    acts: Counter[Hashable] = Counter()
    best: Stretch | None = None
    for sighting in sorted(sightings, key=lambda one: one.at):
        while inside and inside[0].at <= sighting.at - window:
            gone = inside.popleft()
            for counter, key in ((things, gone.thing), (acts, gone.act)):
                counter[key] -= 1
                if not counter[key]:
                    del counter[key]
        inside.append(sighting)
        things[sighting.thing] += 1
        acts[sighting.act] += 1
        # Of equal ones the latest, so that an alarm tells how long it has gone on.
        if best is None or len(things) >= best.count:
            best = Stretch(len(things), len(acts), inside[0].at, sighting.at)
    return best
