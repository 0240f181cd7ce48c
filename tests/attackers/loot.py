"""What attackers know beforehand, where they are, and what they bring back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg2

from tests.leaks.canaries import Canaries, canaries_in
from tests.portal import Portal


@dataclass(frozen=True, slots=True)
class Target:
    """A registered person with canaries for values, in an open crisis; `link` is their answer's."""

    portal: Portal
    seed: str
    person: str
    crisis: str
    link: str

    @property
    def canaries(self) -> Canaries:
        return Canaries(self.seed)

    def seen_in(self, content: bytes) -> set[str]:
        """Which of the values stand there, however they are written."""
        return canaries_in(content, self.seed)

    @contextmanager
    def database(self) -> Iterator[Any]:
        """A cursor of the role that owns every table, as a thief of the server would have."""
        with closing(psycopg2.connect(self.portal.owner_url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor


@dataclass(slots=True)
class Loot:
    """What each try brought: nothing is what the portal is built for."""

    attacker: str
    tries: dict[str, list[str]] = field(default_factory=dict)

    def add(self, what: str, found: set[str] | list[str]) -> None:
        self.tries.setdefault(what, []).extend(sorted(found))

    @property
    def is_empty(self) -> bool:
        return not any(self.tries.values())

    def lines(self) -> Iterator[str]:
        for what, found in self.tries.items():
            yield f"{self.attacker:28} {what:62} {', '.join(found) or 'nothing'}"
