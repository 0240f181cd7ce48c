"""The age encryption around the document: streamed, so that memory does not grow with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import pyrage

from registrations.exporting.document import DocumentReader, Refused


class _Lines:
    """A readable made of lines. Keeps the error that ended it: age would tell only its text."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines: Iterator[bytes] = iter(lines)
        self._rest = b""
        self.error: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            while size < 0 or len(self._rest) < size:
                line = next(self._lines, None)
                if line is None:
                    break
                self._rest += line
        except Exception as error:
            self.error = error
            raise
        taken = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(taken) :]
        return taken


def recipients_from(texts: Iterable[str]) -> list[Any]:
    """age recipients (age1...). Raises Refused."""
    try:
        return [pyrage.x25519.Recipient.from_str(text.strip()) for text in texts]
    except pyrage.RecipientError:
        raise Refused("A recipient is no age public key: it begins with age1.") from None


def identities_from(text: str) -> list[Any]:
    """The age identities of a key file as age-keygen writes it. Raises Refused."""
    lines = [line.strip() for line in text.splitlines()]
    try:
        found = [
            pyrage.x25519.Identity.from_str(line)
            for line in lines
            if line and not line.startswith("#")
        ]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise Refused("The key file holds no age identity: it begins with AGE-SECRET-KEY-1.")
    return found


def encrypt(lines: Iterable[bytes], *, to: BinaryIO, recipients: list[Any]) -> None:
    """Write the lines, encrypted to each recipient. Raises what the lines raise."""
    source = _Lines(lines)
    try:
        pyrage.encrypt_io(source, to, recipients)
    except pyrage.EncryptError:
        if source.error is not None:
            raise source.error from None
        raise


def decrypt(source: BinaryIO, *, into: DocumentReader, identities: list[Any]) -> None:
    """Hand the document over as it is opened. Raises Refused, and what the reader raises."""
    source.seek(0)
    try:
        pyrage.decrypt_io(source, into, identities)
    except pyrage.DecryptError:
        raise Refused(
            "The file does not open: it is no age file, was cut, or is not meant for this key."
        ) from None
    except OSError as error:
        # Every 64 kB is authenticated, so that an altered or cut file ends here.
        if type(error) is OSError:
            raise Refused("The file was altered or cut on its way. Copy it again.") from None
        raise
