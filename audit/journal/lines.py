"""One line of the journal: what was erased, its place, and a keyed digest over the line before."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from audit.journal.models import JournalEntry
from privacy.tokens import keyed_digest

GENESIS = bytes(32)
# The operator took it up anew after a true loss: the lines before this one are not there.
BEGUN_ANEW = "journal.begun_anew"
_DOMAIN = "journal of erasures"
_FIELDS = ("position", "id", "at", "kind", "person_id", "model", "row_id", "code", "previous")


class JournalBroken(Exception):
    """A line is missing, was altered, or was written under another LINK_KEY."""

    def __init__(self, position: int) -> None:
        super().__init__(
            f"The journal is broken at line {position}: it is missing or was altered, or LINK_KEY "
            "is not the one it was written under."
        )
        self.position = position


@dataclass(frozen=True, slots=True)
class Line:
    """`position` counts from 1 without a gap; `previous` and `digest` are 32 bytes."""

    position: int
    id: UUID
    at: datetime
    kind: str
    person_id: UUID | None
    model: str
    row_id: UUID | None
    code: str
    previous: bytes

    @classmethod
    def after(cls, position: int, previous: bytes, entry: JournalEntry) -> Line:
        """The line of an entry, following the line at `position`."""
        return cls(
            position=position + 1,
            id=entry.pk,
            at=entry.at.astimezone(UTC),
            kind=entry.kind,
            person_id=entry.person_id,
            model=entry.model,
            row_id=entry.row_id,
            code=entry.code,
            previous=previous,
        )

    @classmethod
    def parse(cls, text: bytes, *, expected: int = 0) -> Line:
        """Read and authenticate a line. Raises JournalBroken, naming its position."""
        try:
            given = json.loads(text)
            line = cls(
                position=int(given["position"]),
                id=UUID(given["id"]),
                at=datetime.fromisoformat(given["at"]),
                kind=str(given["kind"]),
                person_id=UUID(given["person_id"]) if given["person_id"] else None,
                model=str(given["model"]),
                row_id=UUID(given["row_id"]) if given["row_id"] else None,
                code=str(given["code"]),
                previous=bytes.fromhex(given["previous"]),
            )
            written = bytes.fromhex(given["digest"])
        except (ValueError, KeyError, TypeError):
            raise JournalBroken(expected) from None
        if not hmac.compare_digest(line.digest, written):
            raise JournalBroken(line.position)
        return line

    @property
    def person(self) -> UUID:
        return _named(self.person_id)

    @property
    def row(self) -> UUID:
        return _named(self.row_id)

    @property
    def digest(self) -> bytes:
        return keyed_digest(_DOMAIN, self._canonical())

    def follows(self, position: int, digest: bytes) -> bool:
        return self.position == position + 1 and self.previous == digest

    def written(self) -> bytes:
        """The line as it stands in the file, with its end."""
        return _json(self._columns() | {"digest": self.digest.hex()}) + b"\n"

    def _canonical(self) -> bytes:
        return _json(self._columns())

    def _columns(self) -> dict[str, Any]:
        columns: dict[str, Any] = {name: getattr(self, name) for name in _FIELDS}
        return columns | {
            "id": str(self.id),
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "person_id": str(self.person_id or ""),
            "row_id": str(self.row_id or ""),
            "previous": self.previous.hex(),
        }


def _named(identifier: UUID | None) -> UUID:
    if identifier is None:
        raise LookupError("The line names none.")
    return identifier


def _json(columns: dict[str, Any]) -> bytes:
    return json.dumps(columns, sort_keys=True, separators=(",", ":")).encode()
