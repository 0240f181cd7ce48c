"""age encryption of what leaves the portal, streamed, so that memory does not grow with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

import pyrage


class AgeRefused(Exception):
    """A key or a file that cannot be taken. The message may be shown; it holds no value."""


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Writable(Protocol):
    def write(self, data: bytes, /) -> int: ...


def recipients_from(texts: Iterable[str]) -> list[Any]:
    """age recipients (age1...). Raises AgeRefused."""
    try:
        return [pyrage.x25519.Recipient.from_str(text.strip()) for text in texts]
    except pyrage.RecipientError:
        raise AgeRefused("A recipient is no age public key: it begins with age1.") from None


def identities_from(text: str) -> list[Any]:
    """The age identities of a key file as age-keygen writes it. Raises AgeRefused."""
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
        raise AgeRefused("The key file holds no age identity: it begins with AGE-SECRET-KEY-1.")
    return found


def encrypt(source: Readable, *, to: Writable, recipients: list[Any]) -> None:
    """Encrypt a stream to each recipient. Raises what the stream raises."""
    kept = _Kept(source.read)
    try:
        pyrage.encrypt_io(_Source(kept), to, recipients)
    except (pyrage.EncryptError, OSError):
        if kept.error is not None:
            raise kept.error from None
        raise


def decrypt(source: Readable, *, into: Writable, identities: list[Any]) -> None:
    """Hand a stream over as it is opened. Raises AgeRefused, and what the receiver raises."""
    kept = _Kept(into.write)
    try:
        pyrage.decrypt_io(source, _Target(kept), identities)
    except pyrage.DecryptError:
        if kept.error is not None:
            raise kept.error from None
        raise AgeRefused(
            "The file does not open: it is no age file, was cut, or is not meant for this key."
        ) from None
    except OSError:
        if kept.error is not None:
            raise kept.error from None
        # Every 64 kB is authenticated, so that an altered or cut file ends here.
        raise AgeRefused("The file was altered or cut on its way. Copy it again.") from None


class _Kept:
    """Calls through, and keeps the error that ended it: age would tell only its text."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call
        self.error: BaseException | None = None

    def __call__(self, *arguments: Any) -> Any:
        if self.error is not None:
            # age empties its buffer as it gives up: what already failed takes nothing more.
            raise self.error
        try:
            return self._call(*arguments)
        except BaseException as error:
            self.error = error
            raise


class _Source:
    def __init__(self, read: Callable[..., bytes]) -> None:
        self.read = read


class _Target:
    def __init__(self, write: Callable[..., int]) -> None:
        self.write = write

    def flush(self) -> None:
        """age asks for it; whoever owns the stream flushes it."""
