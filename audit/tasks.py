"""The sealer's clockwork: runs every minute and seals what was written since."""

from __future__ import annotations

import logging

from celery import shared_task

from audit.journal.shipping import ship_soon
from audit.sealing import seal_waiting
from audit.verification import head

logger = logging.getLogger(__name__)


@shared_task(name="audit.tasks.seal_ledger")
def seal_ledger() -> int:
    """Seal all waiting entries. The log line keeps the chain's head outside the database."""
    sealed = seal_waiting()
    if sealed:
        position, digest = head()
        logger.info("Sealed %d ledger entries; seal %d is %s", sealed, position, digest)
    return sealed


@shared_task(name="audit.tasks.ship_journal")
def ship_journal() -> None:
    """Ship what the commits could not: the disk was away, or a process ended."""
    ship_soon()
