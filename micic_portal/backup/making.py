"""Makes a backup: pg_dump's output goes through age into the file, and is nowhere plain."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import connections, transaction

from audit.actors import Actor
from audit.ledger import record
from audit.privileges import owner_alias
from audit.purposes import Purpose
from micic_portal.backup import programs
from micic_portal.backup.header import Header
from privacy import age

_BLOCK = 1024 * 1024
Progress = Callable[[int], object]


class BackupFailed(Exception):
    """No backup was made. The message says why, and holds no value."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What was made. `digest` is the SHA-256 of the file, in hexadecimal."""

    digest: str
    size: int
    journal_position: int


def make_backup(path: Path, *, recipients: list[Any], by: Actor, progress: Progress) -> Backup:
    """Write the whole database into a file of mode 0600 that is there when it is whole.

    `progress` is told the bytes that pg_dump gave. Raises BackupFailed and ProgramMissing.
    """
    connection = connections[owner_alias()]
    server = programs.server_major(connection)
    dumper = programs.program("pg_dump", server=server, state=settings.VAR_DIR)
    with _unfinished(path) as (target, unfinished):
        # The dump, the journal's position and the keys in use are of one moment.
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
            header = Header.of(connection, server=server)
            command = [
                str(dumper),
                "--format=custom",
                # What is sealed cannot be made smaller: the least effort is the fastest.
                "--compress=1",
                "--no-owner",
                "--no-privileges",
                "--no-comments",
                f"--snapshot={snapshot}",
                f"--dbname={programs.address(connection)}",
            ]
            _dump(command, programs.environment(connection), header, target, recipients, progress)
        target.flush()
        os.fsync(target.fileno())
        made = Backup(digest_of(unfinished), unfinished.stat().st_size, header.journal_position)
        record(
            action="backup.make",
            by=by,
            purpose=Purpose.MAINTENANCE,
            details={"journal_position": made.journal_position, "recipients": len(recipients)},
        )
        unfinished.rename(path)
    return made


def digest_of(path: Path) -> str:
    """SHA-256 of a file as it is read back, in hexadecimal."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _dump(
    command: list[str],
    environment: dict[str, str],
    header: Header,
    target: BinaryIO,
    recipients: list[Any],
    progress: Progress,
) -> None:
    with subprocess.Popen(  # noqa: S603
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as dumping:
        source = _Stream(header.line(), dumping, progress)
        try:
            age.encrypt(source, to=target, recipients=recipients)
        finally:
            if dumping.poll() is None:
                dumping.kill()


class _Stream:
    """The header, then the dump. It ends well only if pg_dump ended well."""

    def __init__(self, first: bytes, dumping: subprocess.Popen[bytes], progress: Progress) -> None:
        self._rest = first
        self._dumping = dumping
        self._progress = progress

    def read(self, size: int = -1, /) -> bytes:
        if self._rest:
            taken, self._rest = self._rest[:size], self._rest[size:]
            return taken
        output, errors = self._dumping.stdout, self._dumping.stderr
        if output is None or errors is None:
            return b""
        # age asks for 8 kB at a time: what is read ahead saves as many calls.
        data = output.read(_BLOCK)
        if not data and (code := self._dumping.wait()):
            told = errors.read(4000).decode("utf-8", "replace").strip()
            raise BackupFailed(f"pg_dump ended with {code}: {told}")
        self._progress(len(data))
        taken, self._rest = data[:size], data[size:]
        return taken


@contextmanager
def _unfinished(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A file of our own beside the target; gone unless it was renamed."""
    if path.exists():
        raise BackupFailed(f"{path} exists already: it will not be written over.")
    unfinished = path.with_name(f"{path.name}.part")
    try:
        handle = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise BackupFailed(
            f"{unfinished} exists: a backup was broken off, or is being made. Remove it, if it is "
            "the former."
        ) from None
    except OSError as error:
        raise BackupFailed(f"{unfinished}: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as target:
            yield target, unfinished
    except OSError as error:
        raise BackupFailed(f"{path}: {error.strerror}") from None
    finally:
        unfinished.unlink(missing_ok=True)
