"""Oversight's clockwork. Nothing is handed over: what is new, the ledger says."""

from __future__ import annotations

from celery import shared_task

from oversight import actions


@shared_task(name="oversight.tasks.watch_ledger")
def watch_ledger() -> None:
    """Look, and tell of what was found; then whatever mail still waits."""
    actions.look()
    actions.send_waiting_mails()


@shared_task(name="oversight.tasks.watch_sending")
def watch_sending() -> None:
    """See how sending stands, and tell the operators; while this sleeps, the web server does."""
    actions.watch_sending()
    actions.send_waiting_mails()


@shared_task(name="oversight.tasks.publish_heads")
def publish_heads() -> None:
    actions.publish_heads()
    actions.send_waiting_mails()


@shared_task(name="oversight.tasks.verify_new_seals")
def verify_new_seals() -> None:
    actions.verify_ledger(whole=False)
    actions.send_waiting_mails()


@shared_task(name="oversight.tasks.verify_whole_ledger")
def verify_whole_ledger() -> None:
    actions.verify_ledger(whole=True)
    actions.send_waiting_mails()
