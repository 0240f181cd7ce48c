"""The class of every task: nothing runs by itself on a database that must not be served."""

from __future__ import annotations

from typing import Any

from celery import Task


class GuardedTask(Task):
    """A task that does nothing while the portal is closed; the timetable calls it again."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from audit.journal.standing import may_serve  # The application is made before the apps.

        return super().__call__(*args, **kwargs) if may_serve() else None
