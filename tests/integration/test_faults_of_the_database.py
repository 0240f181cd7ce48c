"""PostgreSQL crashes and comes back while a worker sends: on a server of the test's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from micic_portal.embedded.folders import Folders
from micic_portal.embedded.postgres import Postgres
from notifications.engine import limits
from tests.processes import wait_until
from tests.sinks import REPOSITORY, Sinks

_PEOPLE = 1200
_FREEZE = f"""
import django; django.setup()
from tests.factories.deliveries import *
freeze_to(make_message(), recipients({_PEOPLE}))
"""
# As Celery would: what ends in the middle of a restart is rung for again.
_WORK = """
import time
import django; django.setup()
from django.db import DatabaseError, InterfaceError, connection
from notifications import engine
from notifications.models import Delivery
from tests.factories.deliveries import bound_source
with bound_source():
    while True:
        try:
            engine.drain()
            if not Delivery.objects.unfinished().exists():
                break
        except (DatabaseError, InterfaceError):
            connection.close()
        time.sleep(0.2)
"""
_TALLY = """
import json
import django; django.setup()
from notifications.models import Delivery
rows = Delivery.objects
print(json.dumps({"accepted": rows.reached().count(), "uncertain": rows.doubtful().count()}))
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Postgres]:
    folders = Folders.of(tmp_path)
    folders.prepare()
    folders.claim()
    # Durable: a disposable one forgets in a crash what it had said was committed.
    server = Postgres(folders, disposable=False)
    server.start()
    yield server
    server.stop()
    folders.empty()


def test_a_restart_and_a_crash_in_the_middle_lose_nothing(
    database: Postgres, sinks: Sinks, tmp_path: Path
):
    variables = {
        **os.environ,
        **sinks.environment(),
        "DATABASE_URL": database.environment()["DATABASE_OWNER_URL"],
        "DJANGO_SETTINGS_MODULE": "micic_portal.settings",
    }
    # Nobody is at the other end of the bell.
    variables |= {"REDIS_URL": "redis://127.0.0.1:9/0", "VAR_DIR": str(tmp_path / "var")}

    def run(*command: str) -> bytes:
        return subprocess.run(
            [sys.executable, "-W", "ignore", *command],
            env=variables,
            cwd=REPOSITORY,
            check=True,
            stdout=subprocess.PIPE,
        ).stdout

    run("manage.py", "migrate", "--verbosity", "0")
    run("-c", _FREEZE)
    sinks.play(latency_seconds=0.1)
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", _WORK], env=variables, cwd=REPOSITORY
    ) as worker:
        try:
            for crashing in (False, True):
                before = len(sinks.references())
                wait_until(lambda: len(sinks.references()) > before + _PEOPLE / 6, 60)  # noqa: B023
                database.stop(crashing=crashing)
                time.sleep(0.5)
                assert len(sinks.references()) < _PEOPLE
                assert worker.poll() is None
                database.start()
            assert worker.wait(timeout=90) == 0
        finally:
            worker.kill()
    tally = json.loads(run("-c", _TALLY))
    assert tally["accepted"] == _PEOPLE
    assert len(sinks.references()) == _PEOPLE
    assert sinks.counts()["delivered_twice"] <= tally["uncertain"]
    assert tally["uncertain"] <= limits.SLICE * limits.SLICES_IN_FLIGHT
