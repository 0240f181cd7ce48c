"""Housekeeping of registrations."""

from __future__ import annotations

from celery import shared_task

from audit.actors import Actor
from registrations import actions


@shared_task
def erase_expired_drafts() -> int:
    return actions.erase_expired_drafts()


@shared_task
def erase_ended_stays() -> int:
    """Return how many stays."""
    return actions.erase_ended_stays(by=Actor.system("retention")).stays
