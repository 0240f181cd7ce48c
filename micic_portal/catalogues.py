"""Reads translation catalogues (.po), as far as checking them against the source needs it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

_FIELD = re.compile(r'^(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)\s+(".*")$')


@dataclass(slots=True)
class Message:
    """One entry: what identifies it, its translations (one per plural form), and its doubts."""

    context: str = ""
    text: str = ""
    translations: list[str] = field(default_factory=list)
    fuzzy: bool = False

    @property
    def is_translated(self) -> bool:
        return bool(self.translations) and all(self.translations) and not self.fuzzy


def read_catalogue(path: Path) -> dict[tuple[str, str], Message]:
    """The catalogue's live entries by (context, source text), without its header."""
    messages: dict[tuple[str, str], Message] = {}
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        message = _read_entry(block.splitlines())
        if message.text:
            messages[message.context, message.text] = message
    return messages


def _read_entry(lines: list[str]) -> Message:
    message, values, current = Message(), {}, ""
    for line in lines:
        if line.startswith("#,") and "fuzzy" in line:
            message.fuzzy = True
        found = _FIELD.match(line)
        if found:
            current = found[1]
            values[current] = _unquote(found[2])
        elif line.startswith('"') and current:
            values[current] += _unquote(line)
    message.context = values.get("msgctxt", "")
    message.text = values.get("msgid", "")
    message.translations = [text for name, text in values.items() if name.startswith("msgstr")]
    return message


def _unquote(quoted: str) -> str:
    # A catalogue's quoting is C's, of which Python's is a superset for what gettext writes.
    return str(ast.literal_eval(quoted))
