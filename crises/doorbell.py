"""Wakes a worker for an approved notice. A doorbell that fails is repaired by the sweeper."""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import transaction
from kombu.exceptions import KombuError, OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def ring_freeze(notice_id: UUID) -> None:
    """Ask for the freeze of a notice once the approval is committed. Never raises."""

    def ring_now() -> None:
        from crises.tasks import freeze_notice

        try:
            freeze_notice.apply_async(args=[str(notice_id)], retry=False)
        except (KombuError, OperationalError, RedisError, OSError) as error:
            logger.warning("doorbell unheard: %s; the sweeper will freeze", type(error).__name__)

    transaction.on_commit(ring_now)
