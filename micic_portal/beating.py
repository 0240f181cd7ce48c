"""The scheduler of celery beat, which says that it is alive each time it looks at its clock."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from celery.beat import PersistentScheduler
from django.db import Error, connection

logger = logging.getLogger(__name__)
_SELDOM = 5.0  # seconds; it looks at its clock several times a second when much is due


class BeatingScheduler(PersistentScheduler):
    """Beats from a thread of its own: a database that hangs must not stop the clock."""

    _beating: threading.Thread | None = None
    _beats_at = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        is_free = self._beating is None or not self._beating.is_alive()
        if is_free and time.monotonic() >= self._beats_at:
            self._beating = threading.Thread(target=_beat, name="heartbeat", daemon=True)
            self._beating.start()
            self._beats_at = time.monotonic() + _SELDOM
        seconds: float = super().tick(*args, **kwargs)
        return seconds


def _beat() -> None:
    from notifications.watching.enums import Heart  # The application is made before the apps.
    from notifications.watching.heartbeats import beat

    try:
        beat(Heart.SCHEDULER)
    except Error as error:
        logger.warning("The scheduler's heartbeat was not written: %s", type(error).__name__)
    finally:
        connection.close()
