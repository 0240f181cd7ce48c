"""Retention runs, as their ledger entries tell them: how many of each were erased or stayed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from audit.models import Entry
from registrations.run_words import WORDS

RUNS = 30
# Counts of entries that name a kind alone.
_PLAIN: dict[str, Any] = {
    "stays": WORDS["erased_stays"],
    "people": WORDS["erased_people"],
    "messages": WORDS["erased_messages"],
    "held": WORDS["kept_open_crisis"],
    "days": _("days kept after the end"),
    "resumed": _("times taken up again after an interruption"),
}
_KEPT = ("kept_", "held")


@dataclass(frozen=True, slots=True)
class Count:
    number: int
    words: str


@dataclass(frozen=True, slots=True)
class Run:
    """`erased` is what went, `kept` what stayed and why; `about` says more of the run itself."""

    id: UUID
    at: dt.datetime
    erased: list[Count]
    kept: list[Count]
    about: list[Count]


def newest_runs(most: int = RUNS) -> list[Run]:
    entries = Entry.objects.filter(action="retention.run").order_by("-at", "-pk").defer("note")
    return [_run(entry) for entry in entries[:most]]


def _run(entry: Entry) -> Run:
    counts: Counter[str] = Counter()
    for code, number in _counts(entry.details):
        counts[code] += number
    told = {code: Count(number, _words(code)) for code, number in counts.items() if number}
    kept = [code for code in told if code.startswith(_KEPT)]
    about = [code for code in told if code in {"days", "resumed"}]
    return Run(
        id=entry.pk,
        at=entry.at,
        erased=[told[code] for code in told if code not in kept and code not in about],
        kept=[told[code] for code in kept],
        about=[told[code] for code in about],
    )


def _counts(details: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for code, value in details.items():
        if isinstance(value, Mapping):
            yield from _counts(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            yield code, value


def _words(code: str) -> str:
    """A code that has no words yet is readable all the same."""
    return str(WORDS.get(code) or _PLAIN.get(code) or code.replace("_", " "))
