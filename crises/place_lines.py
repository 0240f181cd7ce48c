"""Places typed one per line, each with a radius of its own or the common one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from geography.finding import named_place
from geography.models import Place

MOST_LINES = 100
_RADIUS = re.compile(
    r"(?P<name>.*?)(?:[\s,;]+(?P<radius>\d+(?:[.,]\d+)?)\s*(?:km|كم|公里)?\.?)?\s*", re.IGNORECASE
)
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(slots=True)
class PlaceLine:
    """One line, and what became of it: a place, places to choose from, or a reason why not."""

    text: str
    name: str
    radius_km: float | None
    place: Place | None = None
    candidates: list[Place] = field(default_factory=list)
    problem: str = ""

    @property
    def key(self) -> str:
        """The same for the same name, so that an answer given belongs to it wherever it stands."""
        return hashlib.sha256(self.name.casefold().encode()).hexdigest()[:12]


def read_lines(text: str, *, preferred: Collection[str] = ()) -> list[PlaceLine]:
    """Each line that holds something, resolved where it can be; `preferred`: ISO codes."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return [_read(line, preferred) for line in dict.fromkeys(lines) if line]


def _read(text: str, preferred: Collection[str]) -> PlaceLine:
    match = _RADIUS.fullmatch(text)
    name = match["name"].strip(" ,;") if match else text
    radius = match["radius"] if match else None
    line = PlaceLine(text, name, float(radius.replace(",", ".")) if radius else None)
    if not _LETTER.search(name):
        line.problem = _("“%(text)s” has no name in it. Coordinates have a form of their own.") % {
            "text": text[:80]
        }
        return line
    line.place, line.candidates = named_place(name[:120], preferred=preferred)
    if line.place is None:
        line.problem = (
            _("“%(text)s”: which place is meant?") % {"text": name[:80]}
            if line.candidates
            else _("“%(text)s”: we know no town of this name. Check the spelling.")
            % {"text": name[:80]}
        )
    return line
