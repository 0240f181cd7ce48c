"""Queues a Celery task for each notice and waits until the last of their rows is updated."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.peers.models import Notice
from benchmarks.peers.tasks import app, send


def measure(count: int) -> float:
    """Seconds from queuing the first task to the last row's update."""
    Notice.objects.all().delete()
    with _worker():
        began = time.perf_counter()
        for number in range(count):
            send.delay(number)
        while Notice.objects.filter(state="accepted").count() < count:
            time.sleep(0.1)
        return time.perf_counter() - began


@contextmanager
def _worker() -> Iterator[None]:
    name = "per-notice@here"
    command = [
        sys.executable, "-m", "celery", "-A", "benchmarks.peers.tasks", "worker", "--loglevel",
        "WARNING", "--without-mingle", "--without-gossip", "--hostname", name,
    ]  # fmt: skip
    worker = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while not app.control.ping([name], timeout=0.5):
            if worker.poll() is not None:
                raise RuntimeError("the worker of the tasks ended")
        yield
    finally:
        worker.terminate()
        worker.wait()
