"""From hostile bytes to bounded JSON: size, encoding, nesting, and the line of each feature."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from crises.alert_files.errors import AlertFileError, at
from crises.alert_files.formats import MAX_BYTES

MAX_ITEMS = 20_000
# Objects and lists take thirty times the memory of their two characters.
_MAX_BRACKETS = 400_000
_MAX_COMMAS = 1_200_000
_MAX_DEPTH = 40
# What may hold the elements of a file; each is read by itself, so that its line is known.
_LISTS = ("features", "geometries")

_SPACE = re.compile(r"[ \t\n\r]*")
_NESTING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Item:
    """One element of the file, by the name that a message gives it, and its line (from 1)."""

    name: str
    line: int
    value: Any


@dataclass(slots=True)
class JsonDocument:
    """The members of the outermost object; `items` are those of its list of features."""

    members: dict[str, Any]
    items: list[Item] | None = None
    line: int = 1
    warnings: list[str] = field(default_factory=list)


def parse(data: bytes) -> JsonDocument:
    """Read one JSON object. All numbers are floats. Raises AlertFileError with line and column."""
    if len(data) > MAX_BYTES:
        raise AlertFileError(
            _("This file is larger than %(most)d MB. An alert file is much smaller.")
            % {"most": MAX_BYTES // (1024 * 1024)}
        )
    warnings: list[str] = []
    text = _decode(data, warnings)
    if not text.strip():
        raise AlertFileError(_("This file is empty."))
    if text.count("[") + text.count("{") > _MAX_BRACKETS or text.count(",") > _MAX_COMMAS:
        raise AlertFileError(
            _("This file holds far more elements than an alert does. It was not read.")
        )
    document = _Reader(text).document()
    document.warnings = warnings
    return document


def error_at(element: str, line: int, problem: str) -> AlertFileError:
    """The error that names an element and its line."""
    return AlertFileError(at(element, line, problem))


class _Reader:
    """Walks the outermost object by hand, and leaves every value in it to the C scanner."""

    def __init__(self, text: str) -> None:
        self.text = text
        decoder = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_refuse, parse_int=float)
        self._scan = decoder.scan_once  # type: ignore[attr-defined]
        self._counted_to = 0
        self._line = 1

    def document(self) -> JsonDocument:
        position = self._skip(0)
        if self.text[position] != "{":
            self._value(position, "")
            raise AlertFileError(
                _("This JSON is not an object: line %(line)d must begin with “{”.")
                % {"line": self._line_of(position)}
            )
        document = JsonDocument({}, line=self._line_of(position))
        pairs = []
        for key, start in self._members(position):
            if key in _LISTS and self.text[start : start + 1] == "[":
                items, self._end = self._items(key, start)
                document.items = items if document.items is None else document.items + items
                value: Any = object()  # never equal to another list under the same name
            else:
                value, self._end = self._value(start, key)
            pairs.append((key, value))
        try:
            document.members = _once(pairs)
        except _SaidTwice as error:
            raise error_at(error.key, document.line, str(error)) from error
        if self._skip(self._end) != len(self.text):
            raise self._broken(self._skip(self._end))
        return document

    def _members(self, position: int) -> Iterator[tuple[str, int]]:
        """Each key with where its value starts; the reader of the value sets `_end`."""
        position = self._skip(position + 1)
        if self.text[position : position + 1] == "}":
            self._end = position + 1
            return
        while True:
            if self.text[position : position + 1] != '"':
                raise self._broken(position)
            key, position = self._value(position, "")
            position = self._skip(position)
            if self.text[position : position + 1] != ":":
                raise self._broken(position)
            yield key, self._skip(position + 1)
            position = self._skip(self._end)
            if self.text[position : position + 1] == "}":
                self._end = position + 1
                return
            if self.text[position : position + 1] != ",":
                raise self._broken(position)
            position = self._skip(position + 1)

    def _items(self, key: str, position: int) -> tuple[list[Item], int]:
        items: list[Item] = []
        position = self._skip(position + 1)
        if self.text[position : position + 1] == "]":
            return items, position + 1
        while True:
            if len(items) == MAX_ITEMS:
                raise AlertFileError(
                    _("“%(name)s” holds more than %(most)s elements. An alert has far fewer.")
                    % {"name": key, "most": f"{MAX_ITEMS:,}"}
                )
            name = f"{key}[{len(items)}]"
            line = self._line_of(position)
            value, position = self._value(position, name)
            items.append(Item(name, line, value))
            position = self._skip(position)
            if self.text[position : position + 1] == "]":
                return items, position + 1
            if self.text[position : position + 1] != ",":
                raise self._broken(position)
            position = self._skip(position + 1)

    def _value(self, position: int, name: str) -> tuple[Any, int]:
        try:
            value, end = self._scan(self.text, position)
            return value, end
        except StopIteration as error:
            raise self._broken(int(error.value)) from error
        except json.JSONDecodeError as error:
            raise self._broken(error.pos) from error
        except (_SaidTwice, _NoNumber) as error:
            raise error_at(name or _("the file"), self._line_of(position), str(error)) from error
        except RecursionError as error:
            raise self._too_deep(position) from error

    def _skip(self, position: int) -> int:
        found = _SPACE.match(self.text, position)
        return found.end() if found else position

    def _line_of(self, position: int) -> int:
        """Counts on from the last one asked for: positions must not go backwards."""
        self._line += self.text.count("\n", self._counted_to, position)
        self._counted_to = max(position, self._counted_to)
        return self._line

    def _broken(self, position: int) -> AlertFileError:
        line = self.text.count("\n", 0, position) + 1
        column = position - self.text.rfind("\n", 0, position)
        return AlertFileError(
            _("This is not well-formed JSON: line %(line)d, column %(column)d cannot be read.")
            % {"line": line, "column": column}
        )

    def _too_deep(self, position: int) -> AlertFileError:
        depth = 0
        for found in _NESTING.finditer(self.text, position):
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found.group()[0], 0)
            if depth > _MAX_DEPTH:
                position = found.start()
                break
        return AlertFileError(
            _("This JSON is nested too deeply to be an alert: see line %(line)d.")
            % {"line": self.text.count("\n", 0, position) + 1}
        )


class _SaidTwice(ValueError):
    def __init__(self, key: str) -> None:
        super().__init__(
            _("it says “%(key)s” twice, and differently. It cannot be known which is meant.")
            % {"key": key[:40]}
        )
        self.key = key[:40]


class _NoNumber(ValueError):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        first: dict[str, Any] = {}
        for key, value in pairs:
            if first.setdefault(key, value) != value:
                raise _SaidTwice(key)
    return found


def _refuse(word: str) -> float:
    raise _NoNumber(_("%(word)s is not a number that JSON knows.") % {"word": word})


def _decode(data: bytes, warnings: list[str]) -> str:
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise AlertFileError(
                _("The characters of this file cannot be read (%(encoding)s).")
                % {"encoding": encoding.upper()}
            ) from error
    warnings.append(_("The file is not UTF-8. It was read as Windows-1252: check its accents."))
    return data.decode("cp1252", errors="replace")
