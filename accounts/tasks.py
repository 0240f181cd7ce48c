"""What the scheduler runs about accounts."""

from __future__ import annotations

from celery import shared_task

from accounts import actions


@shared_task
def erase_ended_sessions() -> int:
    return actions.erase_ended_sessions()
