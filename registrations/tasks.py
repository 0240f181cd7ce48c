"""Housekeeping of registrations."""

from __future__ import annotations

from celery import shared_task

from registrations import actions


@shared_task
def erase_expired_drafts() -> int:
    return actions.erase_expired_drafts()
