"""Names the servers that the tests run on, before the settings are read.

With DATABASE_URL and REDIS_URL unset these are embedded ones in var/test, apart from the demo's,
and each run has its own databases there, so that two runs at once do not disturb each other. The
workers of a parallel run inherit the names; each has a test database of its own (pytest-django
sees to it) and, here, a Redis database number of its own, so that none hears another's queue.
"""

from __future__ import annotations

import os
import re
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg2
import redis

from micic_portal.embedded.provide import provide
from micic_portal.environment import redis_cache_url

_STATE = Path(__file__).resolve().parent.parent / "var" / "test"
_NUMBERS_PER_RUN = 8  # of the embedded broker's 1,024
_RUNS = 1024 // _NUMBERS_PER_RUN


def provide_for_tests() -> None:
    os.environ.setdefault("PORTAL_MODE", "test")
    named = {name for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
    provide(_STATE, disposable=True)
    run = os.getpid()
    if "DATABASE_URL" not in named:
        _drop_abandoned_databases(os.environ["DATABASE_URL"])
        os.environ["DATABASE_URL"] = os.environ["DATABASE_URL"].replace("/micic?", f"/run_{run}?")
    if "REDIS_URL" not in named:
        first = run % _RUNS * _NUMBERS_PER_RUN
        os.environ["REDIS_URL"] = redis_database(os.environ["REDIS_URL"], first)
        _empty(os.environ["REDIS_URL"])
    shared = os.environ.setdefault("TEST_REDIS_URL", os.environ["REDIS_URL"])
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    os.environ["REDIS_URL"] = redis_database(shared, int(worker))


def redis_database(url: str, offset: int) -> str:
    """The same server's database number, counted `offset` further than the one in the URL."""
    parts = urlsplit(url)
    if parts.scheme in {"redis+socket", "unix"}:
        key = "virtual_host" if parts.scheme == "redis+socket" else "db"
        number = int(parse_qs(parts.query).get(key, ["0"])[-1])
        return f"{parts.scheme}://{parts.path}?{key}={number + offset}"
    number = int(parts.path.strip("/") or 0)
    return parts._replace(path=f"/{number + offset}").geturl()


def _drop_abandoned_databases(url: str) -> None:
    """Drop the test databases of runs that were killed before they could."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test%'")
            for (name,) in cursor.fetchall():
                run = re.match(r"test_run_(\d+)", name)
                if run is None or not Path(f"/proc/{run[1]}").exists():
                    cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _empty(url: str) -> None:
    """Forget what an earlier run with the same numbers left in the broker."""
    for offset in range(_NUMBERS_PER_RUN):
        with redis.Redis.from_url(redis_cache_url(redis_database(url, offset))) as client:
            client.flushdb()
