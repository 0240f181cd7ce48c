"""A list as it was read: the columns it has, and its rows with their numbers in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Self

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registrations.spreadsheets.columns import COLUMNS, WRONG, heading_of, key_of

ROW_LIMIT = 10_000
# No cell that we take is longer; more of it is only noise in the list of problems.
_CELL_LENGTH = 2_000


class Unreadable(Exception):
    """The file as a whole cannot be taken; the message is translated and says what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` are keys of COLUMNS. Cells are as they stood in the file, formulas included."""

    columns: tuple[str, ...]
    numbers: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        for number, cells in zip(self.numbers, self.rows, strict=True):
            yield number, dict(zip(self.columns, cells, strict=True))

    def only(self, numbers: Iterable[int]) -> Self:
        """The table with those rows alone."""
        kept = set(numbers)
        pairs = [(n, row) for n, row in zip(self.numbers, self.rows, strict=True) if n in kept]
        return type(self)(
            self.columns, tuple(number for number, _ in pairs), tuple(row for _, row in pairs)
        )

    def to_json(self) -> dict[str, Any]:
        return {"columns": self.columns, "numbers": self.numbers, "rows": self.rows}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(tuple(data["columns"]), tuple(data["numbers"]), tuple(map(tuple, data["rows"])))


def arrange(rows: Iterable[Sequence[str]]) -> Table:
    """Find the headings and put the cells under them; empty rows are passed over.

    Raises Unreadable: no headings, unknown or doubled ones, no names, no rows or too many.
    """
    keys: list[str] = []
    numbers: list[int] = []
    table: list[tuple[str, ...]] = []
    for number, row in enumerate(rows, 1):
        cells = [cell.strip()[:_CELL_LENGTH] for cell in row]
        if not any(cells):
            continue
        if not keys:
            keys = _keys(cells)
            continue
        if len(table) >= ROW_LIMIT:
            raise Unreadable(
                _("A list has at most %(limit)s people. Split yours into several.")
                % {"limit": f"{ROW_LIMIT}"}
            )
        cells += [""] * (len(keys) - len(cells))
        if any(cell and not key for cell, key in zip_longest(cells, keys, fillvalue="")):
            raise Unreadable(
                _("Row %(row)s has a cell without a heading above it. Check the separators.")
                % {"row": number}
            )
        numbers.append(number)
        table.append(tuple(cells[: len(keys)]))
    if not keys or not table:
        raise Unreadable(_("The list is empty. Write the headings first, then a row per person."))
    used = [i for i, key in enumerate(keys) if key and key != WRONG.key]
    return Table(
        tuple(keys[i] for i in used),
        tuple(numbers),
        tuple(tuple(row[i] for i in used) for row in table),
    )


def _keys(headings: list[str]) -> list[str]:
    """The column of each heading; "" where there is none."""
    while headings and not headings[-1]:
        headings = headings[:-1]
    keys = [key_of(heading) or "" for heading in headings]
    unknown = [heading for heading, key in zip(headings, keys, strict=True) if heading and not key]
    if not any(keys):
        raise Unreadable(
            _("The first row must hold the headings, as in our template: %(headings)s.")
            % {"headings": ", ".join(str(column.heading) for column in COLUMNS)}
        )
    if unknown:
        raise Unreadable(
            ngettext(
                "We do not know this column: %(columns)s. Remove it, or give it a heading of our "
                "template. We keep nothing that is not asked for.",
                "We do not know these columns: %(columns)s. Remove them, or give them headings of "
                "our template. We keep nothing that is not asked for.",
                len(unknown),
            )
            % {"columns": ", ".join(heading[:60] for heading in unknown[:20])}
        )
    doubled = sorted({key for key in keys if key and keys.count(key) > 1})
    if doubled:
        raise Unreadable(
            _("There are two columns of this name: %(column)s.")
            % {"column": heading_of(doubled[0])}
        )
    if "name" not in keys:
        raise Unreadable(
            _("There is no column for the names. Its heading is: %(column)s.")
            % {"column": heading_of("name")}
        )
    return keys
