"""PostgreSQL's own programs: the ones that fit the server, and how they reach it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2.extensions import make_dsn

from micic_portal.embedded.folders import EmbeddedServerError, Folders
from micic_portal.embedded.programs import postgresql_programs

_DEBIAN = Path("/usr/lib/postgresql")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


class ProgramMissing(Exception):
    """No fitting program is there. The message says what to install."""


def program(name: str, *, server: int, state: Path) -> Path:
    """The path of pg_dump or pg_restore for a server's major version. Raises ProgramMissing.

    An older pg_dump cannot read the server, so the nearest is taken; a newer pg_restore sets what
    an older server does not know. `state` is the folder of the embedded servers.
    """
    found = {version: path for path in _candidates(name, state) if (version := _major(path))}
    fitting = [
        version
        for version in found
        if version == server or (version > server and name != "pg_restore")
    ]
    if fitting:
        return found[min(fitting)]
    there = f"version {max(found)} alone is there" if found else "it is not there"
    raise ProgramMissing(
        f"{name} of PostgreSQL {server} is needed, and {there}. "
        f"On Debian: apt-get install postgresql-client-{server}"
    )


def server_major(connection: BaseDatabaseWrapper) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10_000


def address(connection: BaseDatabaseWrapper) -> str:
    """Where the database is, as libpq takes it. Without the password: command lines are public."""
    settings = connection.settings_dict
    parts: dict[str, Any] = {
        "dbname": settings["NAME"],
        "user": settings["USER"],
        "host": settings["HOST"],
        "port": settings["PORT"],
        **settings["OPTIONS"],
    }
    parts.pop("password", None)
    return make_dsn(**{name: str(value) for name, value in parts.items() if value})


def environment(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """The program's environment: the password, and nothing of the portal's own secrets."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in {"PATH", "HOME", "LD_LIBRARY_PATH"} or name.startswith("PG")
    }
    password = connection.settings_dict["PASSWORD"]
    if password:
        kept["PGPASSWORD"] = password
    return kept | {"LC_ALL": "C"}


def _candidates(name: str, state: Path) -> Iterator[Path]:
    on_path = shutil.which(name)
    if on_path:
        yield Path(on_path)
    yield from _DEBIAN.glob(f"*/bin/{name}")
    try:
        yield postgresql_programs(Folders.of(state)) / name
    except EmbeddedServerError:
        return  # not installed beside a server of one's own


def _major(path: Path) -> int:
    try:
        told = subprocess.run(  # noqa: S603
            [path, "--version"], capture_output=True, text=True, check=False, timeout=30
        )
    except OSError:
        return 0
    found = _VERSION.search(told.stdout)
    return int(found[1]) if found else 0
