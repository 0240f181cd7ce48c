"""Doorbells. They carry no person and no identifier: what is due, the rows say."""

from __future__ import annotations

from celery import shared_task


@shared_task(name="notifications.tasks.dispatch")
def dispatch() -> None:
    from notifications import engine

    engine.drain()


@shared_task(name="notifications.tasks.sweep")
def sweep() -> None:
    from notifications import engine

    engine.sweep()
