"""The words of a file made fit for a page and a database row: one line, bounded, printable."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# PostgreSQL takes no NUL, UTF-8 no lone surrogate, and a page shows no control or direction marks
# that would turn the words around it.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_SPACE = re.compile(r"\s+")
_NAMES = ("name", "title", "headline", "event", "areadesc", "label", "id")
_LONGEST_NAME = 200


def clean(value: Any, most: int = _LONGEST_NAME) -> str:
    """A string (or number) as one line of at most `most` characters; "" for anything else."""
    if isinstance(value, float):
        return f"{value:g}"
    if not isinstance(value, str):
        return ""
    return _SPACE.sub(" ", _UNPRINTABLE.sub("", value[: most * 4])).strip()[:most]


def name_in(properties: Any) -> str:
    """What a table of properties calls its element, by the keys that maps are drawn with."""
    if not isinstance(properties, Mapping):
        return ""
    by_key = {str(key).lower(): value for key, value in properties.items()}
    return next((word for key in _NAMES if (word := clean(by_key.get(key)))), "")
