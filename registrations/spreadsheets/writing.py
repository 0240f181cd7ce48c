"""Writes lists: an empty template, and rows that come back with what is wrong in each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from registrations.spreadsheets.cells import escape, unescape
from registrations.spreadsheets.columns import COLUMNS, WRONG, heading_of
from registrations.spreadsheets.tables import Table

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
_WIDTH = 26


def template_rows() -> list[list[str]]:
    """The headings, in the active language."""
    return [[str(column.heading) for column in COLUMNS]]


def explanations() -> list[list[str]]:
    """What to write in each column, for a second sheet that is never read."""
    return [
        [_("Column"), _("What to write there")],
        *([str(column.heading), str(column.about)] for column in COLUMNS),
    ]


def wrong_rows(table: Table, problems: Iterable[dict[str, object]]) -> list[list[str]]:
    """The wrong rows of a table, each with what is wrong in the last column."""
    said: dict[object, list[str]] = {}
    for problem in problems:
        line = f"{heading_of(str(problem['column']))}: {problem['message']}"
        said.setdefault(problem["row"], []).append(line)
    headings = [heading_of(key) for key in table.columns]
    return [
        [*headings, str(WRONG.heading)],
        *(
            [*row, " ".join(said[number])]
            for number, row in zip(table.numbers, table.rows, strict=True)
            if number in said
        ),
    ]


def to_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with the mark by which Excel knows it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([escape(unescape(cell)) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def to_xlsx(rows: Iterable[Sequence[str]], *, notes: Iterable[Sequence[str]] = ()) -> bytes:
    """A workbook whose cells are all text; `notes` make a second sheet."""
    book = Workbook(write_only=True)
    _write(book, _("People"), rows)
    notes = list(notes)
    if notes:
        _write(book, _("Explanations"), notes)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _write(book: Workbook, title: str, rows: Iterable[Sequence[str]]) -> None:
    # A sheet's name has at most 31 signs and none of these.
    sheet = book.create_sheet("".join(sign for sign in title if sign not in "[]:*?/\\")[:31])
    sheet.sheet_view.rightToLeft = get_language_bidi()
    sheet.freeze_panes = "A2"
    for number in range(1, len(COLUMNS) + 2):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTH
    for index, row in enumerate(rows):
        cells = [WriteOnlyCell(sheet, value=escape(unescape(cell))) for cell in row]
        for cell in cells:
            cell.data_type = "s"
            # Text: a telephone keeps its +, and a number its leading zeros.
            cell.number_format = "@"
            if index == 0:
                cell.font = Font(bold=True)
                cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.append(cells)
