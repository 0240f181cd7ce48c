"""Reads the table of docs/authorization.md, and writes rows as they stand there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

PAGE = Path(settings.BASE_DIR) / "docs" / "authorization.md"
# In the order of the table's columns.
CALLERS = (
    "anonymous",
    "traveller",
    "wrong post",
    "right post",
    "coordinator",
    "data protection officer",
    "auditor",
    "operator",
    "agency",
)
CHANGES = ("", "form", "free")


@dataclass(frozen=True, slots=True)
class Row:
    """What the table says of one route, or what was seen of it."""

    name: str
    path: str
    what: str
    changes: str
    cells: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        facts = [f"`{self.name}`" if self.name else "", f"`/{self.path}`", self.what, self.changes]
        return "| " + " | ".join([*facts, *(self.cells[caller] for caller in CALLERS)]) + " |"


def read_table(text: str) -> dict[str, Row]:
    """The rows by path. Raises ValueError for a row of another shape, or one that is there twice.

    Every line that begins with a bar and whose second column is a path is a row.
    """
    found: dict[str, Row] = {}
    for line in text.splitlines():
        columns = [column.strip() for column in line.strip().strip("|").split(" | ")]
        if not line.startswith("|") or len(columns) < 2 or not columns[1].startswith("`/"):
            continue
        if len(columns) != 4 + len(CALLERS):
            raise ValueError(f"{len(columns)} columns in the row of {columns[1]}")
        name, path, what, changes, *cells = columns
        row = Row(
            name.strip("`"),
            path.strip("`").removeprefix("/"),
            what,
            changes,
            dict(zip(CALLERS, cells, strict=True)),
        )
        if row.path in found:
            raise ValueError(f"two rows of {row.path}")
        found[row.path] = row
    return found
