"""The embedded PostgreSQL: one cluster, reached over a Unix socket, with an owner and a servant."""

from __future__ import annotations

import os
import pwd
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import CompletedProcess
from urllib.parse import quote

import psycopg2

from micic_portal.embedded.folders import EmbeddedServerError, Folders
from micic_portal.embedded.programs import postgresql_programs

DATABASE = "micic"
OWNER = "micic_owner"  # owns the database and its tables; migrations run as this role
SERVING = "micic_serving"  # serves the portal and owns nothing
_SUPERUSER = "postgres"
_PORT = 5432  # names the socket only: no TCP port is opened
_START_SECONDS = 60
# A killed server's children let go of its shared memory within moments; until then a new one
# refuses to start.
_TRIES = 10


class Postgres:
    """PostgreSQL 18 from the wheel, started, stopped and set up without any system service."""

    def __init__(self, folders: Folders, *, disposable: bool) -> None:
        """With `disposable`, data need not survive a crash and the owner may create databases."""
        self._folders = folders
        self._disposable = disposable
        self._data = folders.database / "data"
        self._log = folders.database / "server.log"
        self._settings = folders.home / "postgresql.conf"

    def environment(self) -> dict[str, str]:
        """The variables that the settings read."""
        if self._disposable:
            return {"DATABASE_URL": self._url(OWNER)}
        return {"DATABASE_URL": self._url(SERVING), "DATABASE_OWNER_URL": self._url(OWNER)}

    def is_running(self) -> bool:
        try:
            with self._session("postgres"):
                return True
        except psycopg2.OperationalError:
            return False

    def start(self) -> None:
        """Start the server if it does not run, whatever an earlier one left behind."""
        if self.is_running():
            return
        self._write_settings()
        if not (self._data / "PG_VERSION").exists():
            self._create_cluster()
        for attempt in range(1, _TRIES + 1):
            self._forget_dead_server()
            done = self._pg_ctl("start", "-w", "-t", str(_START_SECONDS), "-l", str(self._log),
                                "-o", f"-c config_file={self._settings_option}")  # fmt: skip
            if done.returncode == 0 or self.is_running():
                break
            if attempt == _TRIES:
                raise EmbeddedServerError(
                    f"The embedded PostgreSQL did not start: {done.stdout.strip()}\n{self._tail()}"
                )
            time.sleep(1)
        self._create_roles_and_database()

    def stop(self, *, crashing: bool = False) -> None:
        """Stop the server; `crashing`, at once and without a checkpoint, as a power cut would."""
        if not (self._data / "postmaster.pid").exists():
            return
        mode = "immediate" if crashing else "fast"
        done = self._pg_ctl("stop", "-m", mode, "-w", "-t", str(_START_SECONDS))
        if done.returncode != 0 and self.is_running():
            raise EmbeddedServerError(f"The embedded PostgreSQL did not stop: {done.stdout}")

    @property
    def _settings_option(self) -> str:
        # pg_ctl hands its options to a shell.
        return "'" + str(self._settings).replace("'", "'\\''") + "'"

    def _pg_ctl(self, action: str, *options: str) -> CompletedProcess[str]:
        program = postgresql_programs(self._folders) / "pg_ctl"
        command: list[str | Path] = [program, action, "-D", self._data, *options]
        return self._folders.account.run(command, cwd=self._folders.database)

    def _create_cluster(self) -> None:
        done = self._folders.account.run(
            [postgresql_programs(self._folders) / "initdb", "-D", self._data, "-U", _SUPERUSER,
             "--auth=peer", "--encoding=UTF8", "--locale-provider=builtin",
             "--builtin-locale=C.UTF-8", "--locale=C",
             "--no-sync"],  # an empty cluster that a power cut spoils is made again
            cwd=self._folders.database,
        )  # fmt: skip
        if done.returncode != 0:
            raise EmbeddedServerError(f"PostgreSQL's initdb failed: {done.stdout.strip()}")

    def _write_settings(self) -> None:
        """Write the server's whole configuration anew, so that it is always this file's."""
        home = self._folders.home
        values = {
            "data_directory": str(self._data),
            "hba_file": str(home / "pg_hba.conf"),
            "ident_file": str(home / "pg_ident.conf"),
            "listen_addresses": "",
            "unix_socket_directories": f'"{self._folders.sockets}"',
            "unix_socket_permissions": "0700",
            "port": str(_PORT),
            "max_connections": "100",
            "shared_buffers": "256MB",
            "effective_cache_size": "1GB",
            "maintenance_work_mem": "256MB",
            "max_wal_size": "2GB",
            "random_page_cost": "1.1",
            "timezone": "UTC",
            "log_timezone": "UTC",
            # A failing statement may hold a person's name: the log keeps the error without it.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "lc_messages": "C",
        }
        if self._disposable:
            values |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        quoted = (f"{name} = '{_quoted(value)}'" for name, value in values.items())
        _write(self._settings, *quoted)
        _write(home / "pg_hba.conf", "local all all peer map=portal")
        # Only the account that runs the servers and the one that started them may connect.
        names = {self._folders.account.name, pwd.getpwuid(os.geteuid()).pw_name}
        _write(home / "pg_ident.conf", *(f'portal "{name}" all' for name in sorted(names)))

    def _create_roles_and_database(self) -> None:
        power = "CREATEDB CREATEROLE" if self._disposable else "NOCREATEDB NOCREATEROLE"
        with self._session("postgres") as cursor:
            cursor.execute("SELECT rolname FROM pg_roles")
            roles = {row[0] for row in cursor.fetchall()}
            for role in (OWNER, SERVING):
                if role not in roles:
                    cursor.execute(f"CREATE ROLE {role} LOGIN")
            cursor.execute(f"ALTER ROLE {OWNER} {power}")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        if self._disposable:
            self._let_owner_read_files()

    def _let_owner_read_files(self) -> None:
        """Where tests run, the owner may search the database's own files for an erased person."""
        # Every test database is a copy of template1, its privileges included.
        with self._session("template1") as cursor:
            cursor.execute(f"GRANT pg_checkpoint, pg_read_server_files TO {OWNER}")
            cursor.execute(f"GRANT SELECT ON pg_statistic TO {OWNER}")
            cursor.execute(
                "SELECT oid::regprocedure::text FROM pg_proc WHERE proname = 'pg_read_binary_file'"
            )
            for (function,) in cursor.fetchall():
                cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {OWNER}")

    def _forget_dead_server(self) -> None:
        """Remove a killed server's pid file when its number now belongs to another program."""
        pid_file = self._data / "postmaster.pid"
        with suppress(FileNotFoundError, ValueError, IndexError):
            pid = int(pid_file.read_text(encoding="utf-8").splitlines()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            if os.fsencode(self._data) not in command:
                pid_file.unlink()

    def _tail(self) -> str:
        with suppress(FileNotFoundError):
            return "\n".join(self._log.read_text(errors="replace").splitlines()[-10:])
        return ""

    def _url(self, role: str) -> str:
        host = quote(str(self._folders.sockets), safe="")
        return f"postgres://{role}@/{DATABASE}?host={host}&port={_PORT}"

    @contextmanager
    def _session(self, database: str) -> Iterator[psycopg2.extensions.cursor]:
        connection = psycopg2.connect(
            dbname=database, user=_SUPERUSER, host=str(self._folders.sockets), port=_PORT,
            connect_timeout=5,
        )  # fmt: skip
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


def _write(path: Path, *lines: str) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.chmod(0o644)  # the servers' account reads it; it holds no secret
