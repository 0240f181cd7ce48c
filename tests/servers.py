"""Names the servers that the tests run on, before the settings are read.

With DATABASE_URL and REDIS_URL unset these are embedded ones in var/test, apart from the demo's.
The workers of a parallel run inherit the names; each has a test database of its own (pytest-django
sees to it) and, here, a Redis database number of its own, so that no worker hears another's queue.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from micic_portal.embedded.provide import provide

_STATE = Path(__file__).resolve().parent.parent / "var" / "test"


def provide_for_tests() -> None:
    os.environ.setdefault("PORTAL_MODE", "test")
    provide(_STATE, disposable=True)
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
