"""The journal's file: appended to and read, one machine at a time, never written over."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from audit.journal.lines import JournalBroken, Line

NAME = "journal.jsonl"
_BLOCK = 64 * 1024


class JournalFile:
    """Each method raises OSError when the folder is away, and JournalBroken for a false line."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def locked(self, *, create: bool) -> Iterator[None]:
        """Alone with the file, among all machines that share the folder.

        One that was begun is not made anew: a folder that is not mounted would hide the real one.
        """
        if create:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_new = create and not self.path.exists()
        flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | (os.O_CREAT if create else 0)
        descriptor = os.open(self.path, flags, 0o600)
        try:
            # Whoever finds it taken leaves, so that a disk that hangs holds up one caller alone.
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if is_new:
                _sync_folder(self.path.parent)
            yield
        finally:
            os.close(descriptor)

    def last(self) -> Line | None:
        """The last whole line; None when there is none."""
        return next(self._backwards(), None)

    def after(self, position: int) -> list[Line]:
        """The lines after a position, in order: for the few at the end."""
        found: list[Line] = []
        for line in self._backwards():
            if line.position <= position:
                break
            found.append(line)
        return found[::-1]

    def read(self, position: int = 0) -> Iterator[Line]:
        """Every whole line after a position, in order, read as a stream. Each authentic by itself;
        whether it follows the one before is the caller's to ask."""
        for _, line in self.walk(position):
            if isinstance(line, JournalBroken):
                raise line
            yield line

    def walk(self, position: int = 0) -> Iterator[tuple[int, Line | JournalBroken]]:
        """As `read`, but with the number of bytes, and going on after what is broken."""
        expected = 0
        with self.path.open("rb") as source:
            for text in source:
                expected += 1
                if not text.endswith(b"\n"):
                    return  # torn: its transaction was never committed
                line: Line | JournalBroken
                try:
                    line = Line.parse(text, expected=expected)
                    expected = line.position
                except JournalBroken as broken:
                    line = broken
                if isinstance(line, JournalBroken) or line.position > position:
                    yield len(text), line

    def append(self, lines: Iterable[Line]) -> None:
        """Write lines and see them onto the disk: all of them, or none."""
        text = b"".join(line.written() for line in lines)
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            size = _cut_torn_end(descriptor)
            try:
                written = 0
                while written < len(text):
                    written += os.write(descriptor, text[written:])
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, size)
                raise
        finally:
            os.close(descriptor)

    def set_aside(self) -> Path | None:
        """Move the file out of the way, keeping it. None when there is none."""
        if not self.path.exists():
            return None
        number = 1
        while (aside := self.path.with_name(f"{NAME}.set-aside-{number}")).exists():
            number += 1
        self.path.rename(aside)
        _sync_folder(self.path.parent)
        return aside

    def size(self) -> int:
        """Bytes; 0 when there is no file."""
        return self.path.stat().st_size if self.path.exists() else 0

    def _backwards(self) -> Iterator[Line]:
        """The whole lines from the last one on, read in blocks."""
        try:
            source = self.path.open("rb")
        except FileNotFoundError:
            # A folder that is there and empty is one thing, a folder that is away another.
            if not self.path.parent.is_dir():
                raise
            return
        with source:
            place = source.seek(0, os.SEEK_END)
            rest = b""
            is_end = True
            while place:
                size = min(_BLOCK, place)
                place = source.seek(place - size)
                rest = source.read(size) + rest
                if is_end:
                    if b"\n" not in rest:
                        continue
                    rest = rest[: rest.rindex(b"\n") + 1]  # what follows is torn
                    is_end = False
                lines = rest.split(b"\n")
                # The first may begin in the block before.
                rest = b"" if not place else lines[0] + (b"\n" if len(lines) > 1 else b"")
                for text in reversed(lines[:-1] if not place else lines[1:-1]):
                    yield Line.parse(text)


def journal_file() -> JournalFile:
    """The file of the settings in force."""
    return JournalFile(Path(settings.JOURNAL_DIR) / NAME)


def _cut_torn_end(descriptor: int) -> int:
    """Cut off a line that was never finished. Returns the size in bytes."""
    size = os.fstat(descriptor).st_size
    place, rest = size, b""
    while place and b"\n" not in rest:
        length = min(_BLOCK, place)
        place -= length
        rest = os.pread(descriptor, length, place) + rest
    whole = place + rest.rindex(b"\n") + 1 if b"\n" in rest else 0
    if whole != size:
        os.ftruncate(descriptor, whole)
    return whole


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
