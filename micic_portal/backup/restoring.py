"""Puts a backup into an empty installation: the whole of it, or nothing."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from audit.privileges import grant_privileges, owner_alias
from micic_portal.backup import programs
from micic_portal.backup.header import LIMIT, Header, NotABackup
from micic_portal.backup.making import digest_of
from privacy import age
from privacy.keyring import key_ring

Progress = Callable[[int], object]
# What an installation holds before anybody has used it.
_GIVEN = ("django_", "auth_", "geography_", "audit_journalhead")


class RestoreRefused(Exception):
    """Nothing of the backup was taken. The message may be shown; it holds no value."""


def restore_backup(
    path: Path, *, identities: list[Any], digest: str = "", progress: Progress
) -> Header:
    """Restore a backup. Raises RestoreRefused, AgeRefused and ProgramMissing.

    `progress` is told the bytes of the file that were read; it is read twice, because its last
    byte must be known to be right before anything is done.
    """
    connection = connections[owner_alias()]
    if digest and digest_of(path) != digest.strip().lower():
        raise RestoreRefused("The file is not the one of which this digest was written down.")
    header = read_header(path, identities, progress)
    _require_keys(header)
    _require_empty(connection)
    server = programs.server_major(connection)
    restorer = programs.program("pg_restore", server=server, state=settings.VAR_DIR)
    command = [
        str(restorer),
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        f"--dbname={programs.address(connection)}",
    ]
    _drop_tables(connection)
    connection.close()
    _pour(path, command, programs.environment(connection), identities, progress)
    with connection.cursor() as cursor:
        # Without statistics, each erasure of the replay would read whole tables.
        cursor.execute("ANALYZE")
    if connection.alias != DEFAULT_DB_ALIAS:
        serving = connections[DEFAULT_DB_ALIAS].settings_dict["USER"]
        grant_privileges(serving, using=connection.alias)
    return header


def read_header(path: Path, identities: list[Any], progress: Progress) -> Header:
    """Open the whole file, keeping only its first line. Raises AgeRefused and RestoreRefused."""
    sink = _Headed(None)
    try:
        with path.open("rb") as source:
            age.decrypt(_Counted(source, progress), into=sink, identities=identities)
        return Header.parse(sink.line)
    except NotABackup:
        raise RestoreRefused("The file opens, but it is no backup of the portal.") from None


def _require_keys(header: Header) -> None:
    known = set(key_ring().key_ids)
    missing = {key: count for key, count in header.keys.items() if key not in known}
    if missing:
        listed = ", ".join(f"{key!r} ({count} values)" for key, count in sorted(missing.items()))
        raise RestoreRefused(f"FIELD_KEYS lacks keys that sealed what is in the backup: {listed}.")


def _tables(connection: BaseDatabaseWrapper) -> list[str]:
    with connection.cursor() as cursor:
        return sorted(connection.introspection.table_names(cursor))


def _require_empty(connection: BaseDatabaseWrapper) -> None:
    quote = connection.ops.quote_name
    filled: list[str] = []
    with connection.cursor() as cursor:
        for table in _tables(connection):
            if table.startswith(_GIVEN) and table != "django_session":
                continue
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {quote(table)})")  # noqa: S608
            if cursor.fetchone()[0]:
                filled.append(table)
    if filled:
        raise RestoreRefused(
            f"This installation is not empty ({', '.join(filled)}): restore into a new database."
        )


def _drop_tables(connection: BaseDatabaseWrapper) -> None:
    """What was migrated and not used yet; the backup brings its own."""
    tables = _tables(connection)
    if tables:
        quoted = ", ".join(connection.ops.quote_name(table) for table in tables)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {quoted} CASCADE")


def _pour(
    path: Path,
    command: list[str],
    environment: dict[str, str],
    identities: list[Any],
    progress: Progress,
) -> None:
    with subprocess.Popen(  # noqa: S603
        command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as restoring:
        if restoring.stdin is None or restoring.stderr is None:
            raise RestoreRefused("pg_restore cannot be written to.")
        told: list[bytes] = []
        # Read beside: a program that says much would wait for somebody to listen.
        listener = threading.Thread(target=_listen, args=(restoring.stderr, told))
        listener.start()
        try:
            with path.open("rb") as source:
                sink = _Headed(restoring.stdin)
                age.decrypt(_Counted(source, progress), into=sink, identities=identities)
            restoring.stdin.close()
        except BrokenPipeError:
            pass  # it has said why
        except BaseException:
            # Its transaction ends with it: nothing stays.
            restoring.kill()
            raise
        finally:
            code = restoring.wait()
            listener.join()
    if code:
        words = b"".join(told).decode("utf-8", "replace").strip().splitlines()
        # Its first line says what was wrong; the rest may quote rows.
        raise RestoreRefused(
            f"pg_restore ended with {code}, and the database is empty: {words[0] if words else ''}"
        )


def _listen(stream: Any, told: list[bytes]) -> None:
    for line in stream:
        if len(told) < 50:
            told.append(line)


class _Headed:
    """Keeps the first line, and hands on what follows."""

    def __init__(self, target: BinaryIO | Any | None) -> None:
        self._target = target
        self._read = b""
        self._is_past = False
        self.line = b""

    def write(self, data: bytes, /) -> int:
        if self._is_past:
            if self._target is not None:
                self._target.write(data)
            return len(data)
        self._read += bytes(data)
        line, end, rest = self._read.partition(b"\n")
        if not end and len(self._read) > LIMIT:
            raise NotABackup
        if end:
            self.line, self._is_past, self._read = line, True, b""
            if rest and self._target is not None:
                self._target.write(rest)
        return len(data)


class _Counted:
    def __init__(self, source: BinaryIO, progress: Progress) -> None:
        self._source = source
        self._progress = progress

    def read(self, size: int = -1, /) -> bytes:
        data = self._source.read(size)
        self._progress(len(data))
        return data
