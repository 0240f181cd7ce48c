"""The document's lines: a header, groups, people, what ties them, and a trailer that seals it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from registrations.exporting.tables import FORMAT, READABLE, VERSION

# The lines' kinds in the order in which they stand.
KINDS = ("group", "person", "tie", "invitation", "merge", "verdict")
# Far more than any person fills; a longer line is no document of ours.
_LONGEST_LINE = 16 * 2**20

Item = dict[str, Any]


class Refused(Exception):
    """The document cannot be taken. The message may be shown; it holds no value."""


@dataclass(slots=True)
class Summary:
    """How many lines of each kind, and the SHA-256 of all that stands before the trailer."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    digest: str = ""


def write_lines(
    header: Item, items: Iterable[tuple[str, Item]], summary: Summary
) -> Iterator[bytes]:
    """The whole document, a line at a time; fills the summary on the way."""
    hashed = hashlib.sha256()

    def line(item: Item) -> bytes:
        text = json.dumps(item, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        data = text.encode("utf-8", "surrogatepass") + b"\n"
        hashed.update(data)
        return data

    yield line({"format": FORMAT, "version": VERSION} | header)
    for kind, item in items:
        summary.counts[kind] += 1
        yield line({"kind": kind} | item)
    summary.digest = hashed.hexdigest()
    yield line({"kind": "end", "counts": summary.counts, "sha256": summary.digest})


class DocumentReader:
    """A writable that takes the document's bytes and hands out its items, one by one.

    `on_header` and `on_item` are called in order; complete() raises Refused unless the trailer
    came, and confirmed all that stands before it.
    """

    def __init__(
        self, on_item: Callable[[str, Item, int], None], on_header: Callable[[Item], None]
    ) -> None:
        self.summary = Summary()
        self._on_item, self._on_header = on_item, on_header
        self._hashed = hashlib.sha256()
        self._rest = bytearray()
        self._number = 0
        self._rank = 0
        self._is_complete = False

    def write(self, data: bytes) -> int:
        self._rest += data
        if b"\n" in data:
            *lines, rest = bytes(self._rest).split(b"\n")
            self._rest = bytearray(rest)
            for line in lines:
                self._take(line)
        if len(self._rest) > _LONGEST_LINE:
            raise Refused("This is no export of registrations: a line has no end.")
        return len(data)

    def flush(self) -> None:
        """Files have one."""

    def complete(self) -> Summary:
        if self._rest or not self._is_complete:
            raise Refused("The file was cut short: its last line is missing. Copy it again.")
        return self.summary

    def _take(self, line: bytes) -> None:
        self._number += 1
        if self._is_complete:
            raise Refused("Something stands behind the document's last line.")
        try:
            item = json.loads(line.decode("utf-8", "surrogatepass"))
        except ValueError:
            raise Refused(f"Line {self._number} cannot be read.") from None
        if not isinstance(item, dict):
            raise Refused(f"Line {self._number} cannot be read.")
        if self._number == 1:
            self._take_header(item)
        elif item.get("kind") == "end":
            self._take_trailer(item)
        else:
            self._take_item(item)
        self._hashed.update(line + b"\n")

    def _take_header(self, item: Item) -> None:
        if item.get("format") != FORMAT:
            raise Refused("This is no export of registrations.")
        version = item.get("version")
        if not isinstance(version, int) or version not in READABLE:
            known = ", ".join(map(str, sorted(READABLE)))
            raise Refused(
                f"This export has version {version!r:.20}; this portal reads {known}. "
                "Update the portal first."
            )
        self._on_header(item)

    def _take_item(self, item: Item) -> None:
        kind = item.pop("kind", None)
        if kind not in KINDS or KINDS.index(kind) < self._rank:
            raise Refused(f"Line {self._number} does not belong where it stands.")
        self._rank = KINDS.index(kind)
        self.summary.counts[kind] += 1
        self._on_item(kind, item, self._number)

    def _take_trailer(self, item: Item) -> None:
        self.summary.digest = self._hashed.hexdigest()
        if item.get("sha256") != self.summary.digest or item.get("counts") != self.summary.counts:
            raise Refused("The file was altered or cut: it is not what its last line says.")
        self._is_complete = True
