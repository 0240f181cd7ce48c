"""A PostgreSQL 15 of the benchmark's own, from Debian's packages, with PostGIS installed beside it.

One server and one database serve both sides, so that every setting is the same for both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg2

from micic_portal.embedded.folders import Folders

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
POSTGIS = Path("/usr/share/postgresql/15/extension/postgis.control")
DATABASE = "benchmark"
_SUPERUSER = "postgres"
_PORT = 5432  # names the socket only: no TCP port is opened
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(_PORT),
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "lc_messages": "C",
    # Compiling a query takes longer than any of these runs, on either side.
    "jit": "off",
}


class Unavailable(RuntimeError):
    """The server cannot be had. The message says what to do."""


class DebianPostgres:
    """One cluster under a state folder, reached over a Unix socket that others cannot open."""

    def __init__(self, state: Path) -> None:
        self._folders = Folders.of(state)
        self._data = self._folders.database / "debian15"

    @property
    def url(self) -> str:
        host = quote(str(self._folders.sockets), safe="")
        return f"postgres://{_SUPERUSER}@/{DATABASE}?host={host}&port={_PORT}"

    @contextmanager
    def running(self) -> Iterator[str]:
        """The URL of its database while it runs. Raises Unavailable."""
        self.start()
        try:
            yield self.url
        finally:
            self.stop()

    def start(self) -> None:
        require_postgis()
        self._folders.prepare()
        if not (self._data / "PG_VERSION").exists():
            self._run("initdb", "-U", _SUPERUSER, "--auth=trust", "--encoding=UTF8",
                      "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        settings = _SETTINGS | {"unix_socket_directories": str(self._folders.sockets)}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        log = self._folders.database / "debian15.log"
        self._run("pg_ctl", "start", "-w", "-t", "60", "-l", log, "-o", options)
        self._create_database()

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-m", "fast")

    def _run(self, program: str, *options: str | Path) -> None:
        action = options[:1] if program == "pg_ctl" else ()
        command = [PROGRAMS / program, *action, "-D", self._data, *options[len(action) :]]
        done = self._folders.account.run(command, cwd=self._folders.database)
        if done.returncode != 0:
            raise Unavailable(f"Debian's {program} failed: {done.stdout.strip()}")

    def _create_database(self) -> None:
        connection = psycopg2.connect(
            dbname="postgres", user=_SUPERUSER, host=str(self._folders.sockets), port=_PORT
        )
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
        finally:
            connection.close()


def require_postgis() -> None:
    """Raise Unavailable where Debian's PostgreSQL 15 or its PostGIS is not installed."""
    if not (PROGRAMS / "initdb").exists() or not POSTGIS.exists():
        raise Unavailable(
            "The peer is PostGIS in Debian's PostgreSQL 15, which is not installed here. "
            "As root: apt-get install postgresql-15-postgis-3"
        )
