"""django-post-office set for speed: large batches for a process on each core, and a log of failures
only."""

from __future__ import annotations

from django.conf import settings

from benchmarks.peers import post_office

PROCESSES = 2


def measure(count: int) -> float:
    """As post_office.measure."""
    settings.POST_OFFICE = {"BATCH_SIZE": 5000, "LOG_LEVEL": 1}
    return post_office.measure(count, PROCESSES)
