"""What an attempt's outcome means for its row, and writing that back whatever the database does."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from uuid import UUID

from django.db import DatabaseError, Error, InterfaceError, OperationalError, connection

from notifications.channels.ports import Fault, Outcome, Verdict
from notifications.engine import claims, limits
from notifications.engine.claims import Result
from notifications.enums import DeliveryState
from notifications.models import Delivery
from notifications.ports import Undeliverable, inbound_handler

logger = logging.getLogger(__name__)
# The error code of a row that was in doubt and goes once more, with the same key.
RESENT = "resent"
_PAUSES = (0.2, 0.5, 1, 2, 3, 5, 8, None)


def result_of(row: Delivery, attempt: int, outcome: Outcome, *, elsewhere: bool = False) -> Result:
    """What one attempt's outcome means for the row. `elsewhere`: another provider, that this row
    has not been tried at, can take it at once."""
    if outcome.verdict is Verdict.ACCEPTED:
        return Result(row.pk, attempt, DeliveryState.ACCEPTED, reference=outcome.reference)
    if outcome.verdict is Verdict.UNCERTAIN:
        delay = limits.LOOK_UP_AFTER_SECONDS
        return Result(row.pk, attempt, DeliveryState.UNCERTAIN, outcome.code, delay=delay)
    untried = outcome.fault is Fault.NOBODY
    if outcome.verdict is Verdict.FAILED or (
        attempt >= limits.MAX_ATTEMPTS[row.lane] and not untried
    ):
        return Result(row.pk, attempt, DeliveryState.FAILED, outcome.code)
    delay = limits.retry_delay(attempt, outcome.retry_after)
    if elsewhere and outcome.fault is not Fault.RECIPIENT:
        delay = 0.0
    return Result(row.pk, attempt, DeliveryState.QUEUED, outcome.code, delay=delay, untried=untried)


def record(owner: str, results: Sequence[Result]) -> None:
    """Write outcomes back, through a restart of the database if need be: a lost one is a doubt."""
    for pause in _PAUSES:
        try:
            claims.write_back(owner, results)
            return
        except Error as error:
            if pause is None or connection.in_atomic_block or not is_lost_connection(error):
                raise
            connection.close()
            time.sleep(pause)


def is_lost_connection(error: Error) -> bool:
    """A connection that breaks while it is read from is told as a bare DatabaseError."""
    return isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError


def tell_gone(delivery_ids: Sequence[UUID]) -> None:
    """Let the floor above know whose addresses are no more. Sending goes on whatever it makes of
    it: an address that is written to once more is gone once more."""
    handler = inbound_handler()
    if not delivery_ids or handler is None:
        return
    try:
        handler.undeliverable(delivery_ids, Undeliverable.BOUNCED)
    except Exception as error:
        logger.error("addresses that are gone were not noted: %s", type(error).__name__)
