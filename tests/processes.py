"""The portal's own processes beside a test: on its database, its broker and its sinks."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings as portal_settings
from django.db import connection

from tests.sinks import REPOSITORY, Sinks


def environment(sinks: Sinks) -> dict[str, str]:
    database = connection.settings_dict
    user = f"{database['USER']}:{database['PASSWORD']}"
    where = f"host={database['HOST']}&port={database['PORT']}"
    url = f"postgres://{user}@/{database['NAME']}?{where}"
    return {
        **os.environ,
        **sinks.environment(),
        "DATABASE_URL": url,
        "REDIS_URL": portal_settings.REDIS_URL,
        "DJANGO_SETTINGS_MODULE": "micic_portal.settings",
    }


@contextmanager
def process(code: str, sinks: Sinks, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `code` in a Python of its own, with `variables` added to its environment."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code],
        env=environment(sinks) | variables,
        cwd=REPOSITORY,
    ) as running:
        try:
            yield running
        finally:
            if running.poll() is None:
                running.terminate()
            running.wait(timeout=30)


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
