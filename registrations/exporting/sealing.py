"""The age encryption around the document: streamed, so that memory does not grow with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from privacy import age
from registrations.exporting.document import DocumentReader, Refused


class _Lines:
    """A readable made of lines."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines: Iterator[bytes] = iter(lines)
        self._rest = b""

    def read(self, size: int = -1, /) -> bytes:
        while size < 0 or len(self._rest) < size:
            line = next(self._lines, None)
            if line is None:
                break
            self._rest += line
        taken = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(taken) :]
        return taken


def recipients_from(texts: Iterable[str]) -> list[Any]:
    """age recipients (age1...). Raises Refused."""
    try:
        return age.recipients_from(texts)
    except age.AgeRefused as refusal:
        raise Refused(str(refusal)) from None


def identities_from(text: str) -> list[Any]:
    """The age identities of a key file as age-keygen writes it. Raises Refused."""
    try:
        return age.identities_from(text)
    except age.AgeRefused as refusal:
        raise Refused(str(refusal)) from None


def encrypt(lines: Iterable[bytes], *, to: BinaryIO, recipients: list[Any]) -> None:
    """Write the lines, encrypted to each recipient. Raises what the lines raise."""
    age.encrypt(_Lines(lines), to=to, recipients=recipients)


def decrypt(source: BinaryIO, *, into: DocumentReader, identities: list[Any]) -> None:
    """Hand the document over as it is opened. Raises Refused, and what the reader raises."""
    source.seek(0)
    try:
        age.decrypt(source, into=into, identities=identities)
    except age.AgeRefused as refusal:
        raise Refused(str(refusal)) from None
