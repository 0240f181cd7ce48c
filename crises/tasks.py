"""Doorbells of the crises: they carry the id of a notice at most, never a person."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task


@shared_task(name="crises.tasks.freeze_notice")
def freeze_notice(notice_id: str) -> None:
    from crises import actions

    actions.freeze_notice(UUID(notice_id))


@shared_task(name="crises.tasks.sweep_notices")
def sweep_notices() -> None:
    from crises import actions

    actions.sweep_notices()


@shared_task(name="crises.tasks.send_waiting_proofs")
def send_waiting_proofs() -> int:
    """Return for how many submissions."""
    from crises import actions

    return actions.send_waiting_proofs()
