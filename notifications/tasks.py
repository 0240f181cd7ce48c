"""Doorbells. They carry no person and no identifier: what is due, the rows say."""

from __future__ import annotations

from celery import shared_task

from notifications.watching.enums import Heart


@shared_task(name="notifications.tasks.dispatch")
def dispatch() -> None:
    from notifications import engine
    from notifications.watching.heartbeats import beat

    beat(Heart.WORKER)
    engine.drain()


@shared_task(name="notifications.tasks.sweep")
def sweep() -> None:
    from notifications import engine
    from notifications.actions.receipts import apply_held, forget_old_held
    from notifications.watching.counting import fold_old_minutes
    from notifications.watching.heartbeats import beat, forget_old

    beat(Heart.WORKER)
    engine.sweep()
    apply_held()
    forget_old_held()
    fold_old_minutes()
    forget_old()
