"""Wakes a worker once the rows are committed. A doorbell that fails is repaired by the sweeper."""

from __future__ import annotations

import logging

from django.db import transaction
from kombu.exceptions import KombuError, OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def ring() -> None:
    """Ask for a dispatch when the current transaction commits. Never raises."""
    transaction.on_commit(ring_now)


def ring_now() -> None:
    from notifications.tasks import dispatch

    try:
        dispatch.apply_async(retry=False)
    except (KombuError, OperationalError, RedisError, OSError) as error:
        logger.warning("doorbell unheard: %s; the sweeper will ring", type(error).__name__)
