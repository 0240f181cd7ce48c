"""Reads the operator's file of estimates: CSV with a header, each line a country, year and source.

All of it is read and checked before any of it is believed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from geography.countries import is_country
from registrations.days import western_digits
from registrations.models import CitizenEstimate

NUMBERS = ("residents_low", "residents_high", "travellers_low", "travellers_high")
COLUMNS = ("country", "year", *NUMBERS, "source")
# No State has more citizens abroad than this, by far: a slip of the keyboard.
_MOST = 100_000_000
_EARLIEST_YEAR = 1950
_LONGEST_SOURCE = 200
MAX_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with one cell. `line` counts from 1, the header included."""

    line: int
    column: str
    problem: str

    def __str__(self) -> str:
        where = {"line": self.line, "column": self.column, "problem": self.problem}
        if not self.column:
            return _("Line %(line)d: %(problem)s") % where
        return _("Line %(line)d, %(column)s: %(problem)s") % where


class EstimateFileError(Exception):
    """The file is not believed, for all the reasons in `wrong`."""

    def __init__(self, wrong: list[Wrong]) -> None:
        super().__init__("\n".join(map(str, wrong)))
        self.wrong = wrong


def read_estimates(data: bytes) -> list[CitizenEstimate]:
    """Every line of the file, unsaved. Raises EstimateFileError with all that is wrong."""
    rows = _rows(data)
    wrong: list[Wrong] = []
    found: list[CitizenEstimate] = []
    lines: dict[tuple[str, int, str], int] = {}
    for line, row in rows:
        estimate, problems = _estimate(line, row)
        wrong.extend(problems)
        if problems:
            continue
        key = (estimate.country, estimate.year, estimate.source)
        if key in lines:
            problem = _("the same country, year and source stand in line %(line)d.")
            wrong.append(Wrong(line, "", problem % {"line": lines[key]}))
        lines.setdefault(key, line)
        found.append(estimate)
    if not found and not wrong:
        wrong.append(Wrong(2, "", _("the file holds no estimate.")))
    if wrong:
        raise EstimateFileError(wrong)
    return found


def _rows(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    if len(data) > MAX_BYTES:
        raise EstimateFileError([Wrong(1, "", _("the file is larger than 5 MB."))])
    try:
        # Spreadsheets put a mark before the first letter.
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise EstimateFileError([Wrong(line, "", _("this is not UTF-8 text."))]) from None
    first = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ","
    )
    return _named(reader)


def _named(reader: Any) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line of the reader with the number of its first line, by the names of the header."""
    header: list[str] | None = None
    begins = 1
    try:
        for cells in reader:
            line, begins = begins, reader.line_num + 1
            values = [cell.strip() for cell in cells]
            if header is None:
                header = [name.lower() for name in values]
                _check_header(header)
            elif any(values):
                if len(values) != len(header):
                    problem = _("%(found)d values, where the header has %(wanted)d.")
                    numbers = {"found": len(values), "wanted": len(header)}
                    raise EstimateFileError([Wrong(line, "", problem % numbers)])
                yield line, dict(zip(header, values, strict=True))
    except csv.Error:
        raise EstimateFileError([Wrong(begins, "", _("this is not CSV."))]) from None


def _check_header(header: list[str]) -> None:
    wrong = [Wrong(1, name, _("this column is missing.")) for name in COLUMNS if name not in header]
    wrong += [
        Wrong(1, name[:40], _("this column is not known."))
        for name in header
        if name not in COLUMNS
    ]
    wrong += [
        Wrong(1, name, _("this column stands twice.")) for name in COLUMNS if header.count(name) > 1
    ]
    if wrong:
        raise EstimateFileError(wrong)


def _estimate(line: int, row: dict[str, str]) -> tuple[CitizenEstimate, list[Wrong]]:
    wrong: list[Wrong] = []
    country = row["country"].upper()
    if not is_country(country):
        wrong.append(Wrong(line, "country", _("not an ISO 3166 code of two letters.")))
    year = _whole(row["year"])
    # Next year's are estimates as well; those after it are slips.
    if year is None or not _EARLIEST_YEAR <= year <= timezone.now().year + 1:
        wrong.append(Wrong(line, "year", _("not a year of four digits, or one to come.")))
    numbers: dict[str, int | None] = {}
    for name in NUMBERS:
        number = _whole(row[name]) if row[name] else None
        if row[name] and (number is None or number > _MOST):
            wrong.append(Wrong(line, name, _("not a whole number of people.")))
        numbers[name] = number
    for low, high in (NUMBERS[:2], NUMBERS[2:]):
        wrong.extend(_range(line, row, numbers, low, high))
    if not any(row[name] for name in NUMBERS):
        wrong.append(Wrong(line, "", _("neither residents nor travellers.")))
    source = " ".join(row["source"].split())
    if not source:
        wrong.append(Wrong(line, "source", _("say who estimated this.")))
    elif len(source) > _LONGEST_SOURCE:
        wrong.append(Wrong(line, "source", _("longer than 200 characters.")))
    return CitizenEstimate(country=country, year=year or 0, source=source, **numbers), wrong


def _range(
    line: int, row: dict[str, str], numbers: dict[str, int | None], low: str, high: str
) -> Iterator[Wrong]:
    if bool(row[low]) != bool(row[high]):
        yield Wrong(line, low if row[high] else high, _("give both ends of the range, or neither."))
    least, most = numbers[low], numbers[high]
    if least is not None and most is not None and least > most:
        yield Wrong(line, low, _("the least is more than the most."))


def _whole(text: str) -> int | None:
    """A whole number in any digits; None when it is none. No marks between thousands: 1.234 is
    a thousand in one country, and a little over one in another."""
    digits = western_digits(text)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else None
