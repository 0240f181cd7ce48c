"""Watches over sending: each trouble is told of once when it begins, and once when it ends."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import transaction

from accounts.enums import Role
from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose
from notifications.watching.enums import Heart, TroubleKind
from notifications.watching.heartbeats import expect, take_turn
from notifications.watching.models import Trouble
from notifications.watching.readings import Reading, read
from notifications.watching.troubles import Found, troubles
from oversight.actions.mailing import queue_mails

logger = logging.getLogger(__name__)
WATCH = Actor.system("oversight")
# A little less than the timetable's interval: whoever comes second within it finds it done.
WATCH_SECONDS = 25.0
# What comes and goes within this time is one episode.
ENDS_AFTER = dt.timedelta(minutes=2)
_IN_SECONDS = {
    TroubleKind.LANE_STUCK,
    TroubleKind.SCHEDULER_SILENT,
    TroubleKind.WORKERS_SILENT,
}


def watch_sending() -> bool:
    """Look, unless somebody on some machine has just looked; returns whether it was our turn."""
    if not take_turn(Heart.WATCH, seconds=WATCH_SECONDS):
        return False
    expect()
    note_troubles(read())
    return True


@transaction.atomic
def note_troubles(reading: Reading) -> None:
    """Begin, go on with and end the episodes that this reading tells of."""
    found = {(one.kind, one.subject): one for one in troubles(reading)}
    for trouble in Trouble.objects.select_for_update().filter(ended_at=None).order_by("pk"):
        still = found.pop((TroubleKind(trouble.kind), trouble.subject), None)
        if still is not None:
            trouble.seen_at, trouble.worst = reading.at, max(trouble.worst, still.figure)
            trouble.save(update_fields=["seen_at", "worst"])
        elif reading.at - trouble.seen_at >= ENDS_AFTER:
            _end(trouble, reading.at)
    for one in found.values():
        _begin(one, reading.at)


def _begin(found: Found, at: dt.datetime) -> None:
    since = dt.timedelta(seconds=found.figure if found.kind in _IN_SECONDS else 0)
    trouble, is_new = Trouble.objects.get_or_create(
        kind=found.kind,
        subject=found.subject,
        ended_at=None,
        defaults={"worst": found.figure, "began_at": at - since, "seen_at": at},
    )
    if is_new:  # Or another process was faster.
        _tell(trouble, "trouble.begin", has_ended=False)


def _end(trouble: Trouble, at: dt.datetime) -> None:
    trouble.ended_at = at
    trouble.save(update_fields=["ended_at"])
    _tell(trouble, "trouble.end", has_ended=True)


def _tell(trouble: Trouble, action: str, *, has_ended: bool) -> None:
    told = queue_mails(role=Role.OPERATOR, trouble=trouble, has_ended=has_ended)
    record(
        action=action,
        by=WATCH,
        purpose=Purpose.MAINTENANCE,
        object_type="notifications.trouble",
        object_id=trouble.pk,
        details={"kind": trouble.kind, "told": told},
    )
    # In the log as well: it is read where the mail server is what fails.
    logger.log(
        logging.INFO if has_ended else logging.ERROR,
        "Sending: %s %s %s; %d operators are told",
        trouble.kind, trouble.subject, "ended" if has_ended else "began", told,
    )  # fmt: skip
