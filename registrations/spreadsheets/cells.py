"""Cells as text. What a spreadsheet program would take for a formula is written with a quote."""

from __future__ import annotations

import datetime as dt
from typing import Any

# With a letter of text before them, these are text; alone they may be run (OWASP, CSV injection).
_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
# What the programs pass over before they look.
_BEFORE = "' \n"


def escape(text: str) -> str:
    """The text as it may stand in a file that a spreadsheet program opens."""
    return f"'{text}" if text.lstrip(_BEFORE).startswith(_STARTS) else text


def unescape(text: str) -> str:
    """What escape() was given."""
    quoted = text.startswith("'") and text.lstrip(_BEFORE).startswith(_STARTS)
    return text[1:] if quoted else text


def is_formula(text: str) -> bool:
    """Whether a cell as it was read is a formula: it is never run, and never taken."""
    return text.startswith("=")


def text_of(value: Any) -> str:
    """A cell of a workbook as text: a day as ISO 8601, a whole number without a point."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        at_midnight = value.time() == dt.time()
        return value.date().isoformat() if at_midnight else value.isoformat(sep=" ")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
