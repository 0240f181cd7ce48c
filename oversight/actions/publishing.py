"""The heads of past days: written down, logged, and mailed to everybody who oversees."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import transaction

from accounts.enums import Role
from audit import heads
from audit.models import Head
from oversight.actions.mailing import queue_mails

logger = logging.getLogger(__name__)


def publish_heads(now: dt.datetime | None = None) -> list[Head]:
    """Publish the head of each day that is over. One mail tells of all, if days were missed."""
    with transaction.atomic():
        made = heads.publish_heads(now)
        if made:
            for role in (Role.DATA_PROTECTION_OFFICER, Role.AUDITOR):
                queue_mails(role=role, head=made[-1])
    for head in made:
        logger.info("Head of the ledger: %s", head.line)
    return made
