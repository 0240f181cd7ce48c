"""The web server watches over sending while the scheduler or all workers are dead.

Whoever asks whether it is well (a load balancer, the container's own check) is its clock: each
question costs one small query, and while nobody else keeps the watch, one process looks and tells
the operators.
"""

from __future__ import annotations

import logging
import threading

from django.db import DatabaseError, connection, transaction

from notifications.watching.enums import Heart
from notifications.watching.heartbeats import Hearts, hearts, silent
from oversight.actions import send_waiting_mails, watch_sending

logger = logging.getLogger(__name__)
# The workers keep it twice a minute.
_UNWATCHED_SECONDS = 75.0
_telling: threading.Thread | None = None


def look_after_sending() -> dict[str, str]:
    """Who is silent since when, by name; and keep the watch if nobody does. Never raises."""
    try:
        found = hearts()
        if _is_unwatched(found) and watch_sending():
            transaction.on_commit(_tell)
    except Exception as error:  # What watches must not be what makes this process look ill.
        logger.error("Nobody knows how sending stands: %s", type(error).__name__)
        return {}
    return {
        name.value: f"silent since {beat.at:%Y-%m-%dT%H:%M:%SZ}"
        for name, beat in silent(found).items()
    }


def _is_unwatched(found: Hearts) -> bool:
    watch = found.get(Heart.WATCH)
    return watch is None or watch.age > _UNWATCHED_SECONDS


def _tell() -> None:
    """Mail is sent aside: a mail server that hangs must not make this process look ill."""
    global _telling
    if _telling is None or not _telling.is_alive():
        _telling = threading.Thread(target=_send, name="operator-mail", daemon=True)
        _telling.start()


def _send() -> None:
    try:
        send_waiting_mails()
    except DatabaseError as error:
        logger.error("The operators were not told: %s", type(error).__name__)
    finally:
        connection.close()
