"""What differs between two texts, word by word. No database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_WORDS = re.compile(r"\s+|\S+")
# Less alike than this, two texts are read one after the other: mixed, neither could be.
_ALIKE = 0.5


class Change(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    change: Change
    text: str


def compare(before: str, after: str) -> list[Piece]:
    """The pieces that read, without the added ones, as `before`; without the removed, `after`."""
    if SequenceMatcher(None, before.split(), after.split(), autojunk=False).ratio() < _ALIKE:
        return replaced(before, after)
    return list(_pieces(_WORDS.findall(before), _WORDS.findall(after)))


def replaced(before: str, after: str) -> list[Piece]:
    """One text in place of another, as a whole."""
    pairs = ((Change.REMOVED, before), (Change.ADDED, after))
    return [Piece(change, text) for change, text in pairs if text]


def _pieces(before: list[str], after: list[str]) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        removed, added = "".join(before[start:end]), "".join(after[new_start:new_end])
        if tag == "equal":
            yield Piece(Change.SAME, removed)
            continue
        if removed:
            yield Piece(Change.REMOVED, removed)
        if added:
            yield Piece(Change.ADDED, added)
