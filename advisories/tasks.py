"""The daily digest of changed advice."""

from __future__ import annotations

from celery import shared_task

from advisories import actions
from audit.actors import Actor


@shared_task
def announce_digest() -> int:
    """Return how many people are told."""
    return actions.announce_digest(by=Actor.system("advice"))
