"""PgBouncer in transaction mode before the tests' database: a connection for one transaction."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
import pytest
from django.db import connection

from micic_portal.embedded.folders import Account
from tests.processes import wait_until

# Debian puts it beside the programs of the administrator.
PROGRAM = shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin")


def require() -> None:
    """Skip where it is not installed; where nothing may be left out, fail."""
    if PROGRAM is None:
        assert not os.environ.get("CI"), (
            "PgBouncer is missing. On Debian: apt-get install pgbouncer"
        )
        pytest.skip("PgBouncer is not installed.")


@contextmanager
def pooled(connections: int) -> Iterator[str]:
    """The URL of the test's database through a pool of so many connections."""
    require()
    account = Account.for_servers()
    database = connection.settings_dict
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="pooler-") as name:
        folder = Path(name)
        settings = folder / "pgbouncer.ini"
        settings.write_text(
            "[databases]\n"
            f"{database['NAME']} = {_server(database)}\n"
            "[pgbouncer]\n"
            "pool_mode = transaction\n"
            f"default_pool_size = {connections}\n"
            "max_client_conn = 100\n"
            "query_wait_timeout = 10\n"
            "listen_addr = 127.0.0.1\n"
            f"listen_port = {port}\n"
            "unix_socket_dir =\n"
            "auth_type = any\n"
            f"logfile = {folder / 'pgbouncer.log'}\n"
        )
        os.chown(folder, account.uid, account.gid)
        os.chown(settings, account.uid, account.gid)
        change: dict[str, Any] = {}
        if os.geteuid() != account.uid:  # It refuses to run as root.
            change = {"user": account.uid, "group": account.gid, "extra_groups": []}
        command = [str(PROGRAM), "--quiet", str(settings)]
        with subprocess.Popen(command, cwd=folder, **change) as running:
            url = f"postgres://{quote(database['USER'])}@127.0.0.1:{port}/{database['NAME']}"
            try:
                wait_until(lambda: _answers(url))
                yield f"{url}?pooler=transaction"
            finally:
                running.terminate()
                running.wait(timeout=30)


def _server(database: dict[str, str]) -> str:
    parts = {
        "host": database["HOST"],
        "port": database["PORT"] or "5432",
        "dbname": database["NAME"],
        "user": database["USER"],
        "password": database["PASSWORD"],
    }
    return " ".join(f"{key}={value}" for key, value in parts.items() if value)


def _answers(url: str) -> bool:
    try:
        psycopg2.connect(url).close()
    except psycopg2.OperationalError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
