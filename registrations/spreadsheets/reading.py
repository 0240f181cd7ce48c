"""Reads CSV and XLSX files as rows of text. Nothing in a file is ever run."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import openpyxl
from django.utils.translation import gettext as _

from registrations.spreadsheets.cells import is_formula, text_of
from registrations.spreadsheets.columns import key_of
from registrations.spreadsheets.tables import ROW_LIMIT, Table, Unreadable, arrange

SIZE_LIMIT = 5 * 1024 * 1024
# A list of 10,000 people unpacks to a few megabytes; what unpacks to more was made to do harm.
_UNPACKED_LIMIT = 60 * 1024 * 1024
_TEXT_LIMIT = 20 * 1024 * 1024
# A part's marks become objects, a hundred times their size: 10,000 full rows have 0.7 million.
_MARK_LIMIT = 1_500_000
# Read as a whole, whatever the list holds; a few kilobytes are usual.
_SMALL_PARTS = frozenset({"[content_types].xml", "xl/workbook.xml", "xl/styles.xml"})
_SMALL_LIMIT = 1024 * 1024
_BLOCK = 1024 * 1024
_COLUMN_LIMIT = 60
# Sheets that were formatted down to their last row go on for a million empty ones.
_EMPTY_LIMIT = 1_000
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_BYTE_ORDER = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_list(file: BinaryIO) -> Table:
    """A file's first sheet; what kind of file it is shows in its bytes, not in its name.

    Raises Unreadable.
    """
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    if start.startswith(b"PK"):
        return arrange(_within_limits(_workbook_rows(file)))
    if start == _OLD_OFFICE:
        raise Unreadable(
            _("This is an old Excel file, or one with a password. Save it as XLSX or CSV, openly.")
        )
    return arrange(_within_limits(_csv_rows(file.read(SIZE_LIMIT + 1))))


def _within_limits(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    length = empty = 0
    for row in rows:
        if not any(row):
            empty += 1
            if empty > _EMPTY_LIMIT:
                return
        else:
            empty = 0
        length += sum(map(len, row))
        if length > _TEXT_LIMIT:
            raise Unreadable(_too_large())
        yield row


def _workbook_rows(file: BinaryIO) -> Iterator[list[str]]:
    _check_package(file)
    try:
        book = openpyxl.load_workbook(file, read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        # What the file says of its size may be wrong.
        sheet.reset_dimensions()
        for row in sheet.iter_rows(max_col=_COLUMN_LIMIT, max_row=2 * ROW_LIMIT):
            yield [_cell_text(cell) for cell in row]
    except Unreadable:
        raise
    except Exception as error:
        # openpyxl raises whatever a damaged file makes it stumble over.
        raise Unreadable(
            _("This workbook cannot be read. Open it, save it anew as XLSX, and try again.")
        ) from error


def _check_package(file: BinaryIO) -> None:
    """Nothing is unpacked before its size is known, or parsed before its marks are counted."""
    try:
        with zipfile.ZipFile(file) as package:
            _check_parts(package.infolist())
            marks = 0
            for part in package.infolist():
                with package.open(part) as content:
                    while block := content.read(_BLOCK):
                        marks += block.count(b"<")
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, OSError) as error:
        raise Unreadable(_("This file is damaged. Save it anew as XLSX or CSV.")) from error
    if marks > _MARK_LIMIT:
        raise Unreadable(_too_large())
    file.seek(0)


def _check_parts(parts: Sequence[zipfile.ZipInfo]) -> None:
    """Look at the directory of the zip alone."""
    names = {part.filename.lower() for part in parts}
    if any(name.endswith("vbaproject.bin") for name in names):
        raise Unreadable(_("This workbook holds macros. Save it as XLSX without them, or as CSV."))
    if "xl/workbook.xml" not in names:
        raise Unreadable(_("This is no XLSX file. Save your list as XLSX or as CSV."))
    small = sum(part.file_size for part in parts if part.filename.lower() in _SMALL_PARTS)
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > 1_000 or unpacked > _UNPACKED_LIMIT or small > _SMALL_LIMIT:
        raise Unreadable(_too_large())


def _cell_text(cell: object) -> str:
    text = text_of(getattr(cell, "value", None))
    if getattr(cell, "data_type", "n") == "f":
        return text if is_formula(text) else f"={text}"
    # A text that only looks like a formula is a text.
    return f"'{text}" if is_formula(text) else text


def _csv_rows(content: bytes) -> Iterator[list[str]]:
    text = _decode(content)
    if "\0" in text:
        raise Unreadable(_("This is no list that we can read. Save yours as XLSX or as CSV."))
    # As the sheet programs quote a line break inside a cell.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise Unreadable(
            _("Row %(row)s cannot be read: a quotation mark is missing or too many.")
            % {"row": reader.line_num}
        ) from error


def _decode(content: bytes) -> str:
    if content.startswith(_BYTE_ORDER):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    # Excel writes the alphabet of its computer. Whichever makes more headings known is meant.
    decoded = [content.decode(name, errors="replace") for name in ("cp1252", "cp1256")]
    return max(decoded, key=_known_headings)


def _known_headings(text: str) -> int:
    first = next(csv.reader([_first_line(text)], delimiter=_delimiter(text)), [])
    return sum(key_of(heading) is not None for heading in first)


def _delimiter(text: str) -> str:
    line = _first_line(text)
    return max(",;\t", key=line.count)


def _first_line(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip(" ,;\t")), "")


def _too_large() -> str:
    return _("The file holds too much for a list of people. Keep only the columns of our template.")
