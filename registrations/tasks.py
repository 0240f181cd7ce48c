"""Housekeeping of registrations."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from audit.actors import Actor
from registrations import actions


@shared_task
def erase_expired_drafts() -> int:
    return actions.erase_expired_drafts()


@shared_task
def run_retention() -> bool:
    """Return whether it ran to its end; another process may be at it, and failed steps wait."""
    try:
        actions.run_retention(by=Actor.system("retention"))
    except (actions.RunUnderWay, actions.StepsFailed):
        return False
    return True


@shared_task
def resume_retention() -> bool:
    """Return whether a run that was interrupted came to its end."""
    return actions.is_interrupted() and run_retention()


@shared_task
def tell_families() -> int:
    """Return how many family contacts."""
    return actions.tell_families(by=Actor.system("family"))


@shared_task
def remind() -> int:
    """Return how many stays were asked about."""
    by = Actor.system("reminders")
    return actions.remind_of_ends(by=by) + actions.ask_residents(by=by)


@shared_task
def send_invitations() -> int:
    """Return how many addresses were written to."""
    return actions.send_invitations()


@shared_task
def check_upload(upload_id: str) -> None:
    actions.check_upload(upload_id=UUID(upload_id))


@shared_task
def take_upload(upload_id: str) -> None:
    actions.take_upload(upload_id=UUID(upload_id), by=Actor.system("groups"))


@shared_task
def ring_uploads() -> int:
    """Return how many lists stood still."""
    return actions.ring_uploads()


@shared_task
def erase_group_leftovers() -> int:
    """Return how many groups."""
    return actions.erase_group_leftovers(by=Actor.system("retention"))
