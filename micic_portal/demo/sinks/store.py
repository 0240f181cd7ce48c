"""What arrived, in one file of JSON lines; in memory only where each line begins."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

_REFERENCE = re.compile(rb"^X-Reference:[ \t]*([^\r\n]+)", re.MULTILINE | re.IGNORECASE)


@dataclass(slots=True, frozen=True)
class Line:
    offset: int
    length: int
    channel: str
    to: str
    reference: str


class Store:
    """Every message once accepted is on file before its sender is told so."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "messages.jsonl"
        self._file = self._path.open("ab+", buffering=0)
        self._lines: list[Line] = []
        self._by_reference: Counter[str] = Counter()
        self._by_channel: Counter[str] = Counter()
        self.repeated_keys = 0
        self.look_ups = 0
        self._end = 0
        self._load()

    def _load(self) -> None:
        with self._path.open("rb") as file:
            for raw in file:
                try:
                    entry = json.loads(raw)
                except ValueError:
                    break  # The last line was cut short by a kill.
                self._index(entry, len(raw))
        self._file.truncate(self._end)

    def _index(self, entry: dict[str, Any], length: int) -> None:
        line = Line(self._end, length, entry["channel"], entry["to"], entry["reference"])
        self._lines.append(line)
        self._end += length
        self._by_reference[line.reference] += 1
        self._by_channel[line.channel] += 1

    def _append(self, entry: dict[str, Any]) -> None:
        raw = json.dumps(entry, ensure_ascii=False).encode("utf-8", "surrogateescape") + b"\n"
        self._file.write(raw)
        self._index(entry, len(raw))

    def add_mail(self, sender: str, recipient: str, content: bytes) -> None:
        found = _REFERENCE.search(content)
        self._append(
            {
                "channel": "mail",
                "reference": found[1].decode("ascii", "replace").strip() if found else "",
                "to": recipient,
                "sender": sender,
                "arrived_at": time.time(),
                "raw": content.decode("latin-1"),
            }
        )

    def add_sms(self, to: str, sender: str, text: str, reference: str) -> int:
        return self.add_text("sms", to, sender, text, reference)

    def add_text(self, channel: str, to: str, sender: str, text: str, reference: str) -> int:
        """Keep one; returns its number."""
        self._append(
            {
                "channel": channel,
                "reference": reference,
                "to": to,
                "sender": sender,
                "arrived_at": time.time(),
                "body": text,
            }
        )
        return len(self._lines)

    def knows(self, reference: str) -> bool:
        return reference in self._by_reference

    def references(self) -> list[str]:
        return list(self._by_reference)

    def twice(self) -> list[str]:
        """The references that were kept more than once."""
        return [reference for reference, number in self._by_reference.items() if number > 1]

    def counts(self) -> dict[str, int]:
        """`duplicates`: everything that came again, whether refused by its key or kept twice."""
        twice = self._by_reference.total() - len(self._by_reference)
        return {
            "mail": self._by_channel["mail"],
            "sms": self._by_channel["sms"],
            "unique_references": len(self._by_reference),
            "duplicates": twice + self.repeated_keys,
            "delivered_twice": twice,
            "repeated_keys": self.repeated_keys,
            "look_ups": self.look_ups,
        }

    def newest(
        self, *, to: str = "", reference: str = "", limit: int = 50, offset: int = 0
    ) -> list[dict[str, Any]]:
        found = (
            line
            for line in reversed(self._lines)
            if (not to or line.to == to) and (not reference or line.reference == reference)
        )
        return [self._read(line) for line in _window(found, offset, limit)]

    def _read(self, line: Line) -> dict[str, Any]:
        with self._path.open("rb") as file:
            file.seek(line.offset)
            entry: dict[str, Any] = json.loads(file.read(line.length))
        return entry | _decoded(entry.pop("raw")) if line.channel == "mail" else entry

    def clear(self) -> None:
        self._file.truncate(0)
        self._lines.clear()
        self._by_reference.clear()
        self._by_channel.clear()
        self.repeated_keys = 0
        self.look_ups = 0
        self._end = 0

    def close(self) -> None:
        self._file.close()


def _window(lines: Iterator[Line], offset: int, limit: int) -> Iterator[Line]:
    for index, line in enumerate(lines):
        if index >= offset + limit:
            return
        if index >= offset:
            yield line


def _decoded(raw: str) -> dict[str, Any]:
    mail = message_from_bytes(raw.encode("latin-1"), policy=policy.default)
    assert isinstance(mail, EmailMessage)  # noqa: S101  # nosec  # what this policy builds
    body = mail.get_body(("plain",))
    return {
        "subject": str(mail["Subject"] or ""),
        "body": body.get_content() if body else "",
        "language": str(mail["Content-Language"] or ""),
        "headers": {name: str(value) for name, value in mail.items()},
    }
