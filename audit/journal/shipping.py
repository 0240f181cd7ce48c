"""Moves what waits in the outbox into the journal's file: nothing is lost, nothing stands twice.

A line is on the disk before its row is deleted. Whoever dies in between leaves lines whose rows
still wait: the next one finds them at the end of the file and deletes the rows alone.
"""

from __future__ import annotations

import logging

from django.db import DatabaseError, router, transaction

from audit.journal.database import identity, is_same, take_turn
from audit.journal.file import journal_file
from audit.journal.lines import GENESIS, JournalBroken, Line
from audit.journal.models import JournalEntry, JournalHead

logger = logging.getLogger(__name__)

BATCH = 1000


class NotOurs(Exception):
    """The file's end is not where this database stands: nothing may be added to it."""


def ship_soon() -> None:
    """After a commit. What cannot be shipped now waits for the sweep; nobody's page fails by it."""
    try:
        ship_waiting()
    except (OSError, JournalBroken, NotOurs) as error:
        # The disk's own words; no line and no row is in them.
        logger.error("The journal cannot be written, its entries wait: %s", error)
    except DatabaseError as error:
        logger.error("The journal's entries wait: %s", type(error).__name__)


def ship_waiting(limit: int = BATCH) -> int:
    """Ship everything that waits, batch by batch. Returns how many entries.

    0 as well while another process ships. Raises OSError, JournalBroken and NotOurs.
    """
    total = 0
    while shipped := ship_batch(limit):
        total += shipped
    return total


def ship_batch(limit: int = BATCH) -> int:
    """Ship up to `limit` entries in one transaction."""
    with transaction.atomic(using=router.db_for_write(JournalHead)):
        if not take_turn(wait=False):
            return 0
        waiting = {entry.pk: entry for entry in JournalEntry.objects.order_by("at", "pk")[:limit]}
        if not waiting:
            return 0
        head = begun_head()
        file = journal_file()
        with file.locked(create=not head.position):
            ahead = _ahead(head)
            known = {line.id for line in ahead}
            last = ahead[-1] if ahead else None
            position = last.position if last else head.position
            digest = last.digest if last else bytes(head.digest)
            fresh: list[Line] = []
            for entry in waiting.values():
                if entry.pk in known:
                    continue
                line = Line.after(position, digest, entry)
                position, digest = line.position, line.digest
                fresh.append(line)
            file.append(fresh)
        JournalEntry.objects.filter(pk__in=[*waiting, *known]).delete()
        JournalHead.objects.filter(pk=head.pk).update(position=position, digest=digest)
    return len(waiting)


def begun_head() -> JournalHead:
    """This database's head, made if it is the first time. The caller's transaction holds it."""
    head, _ = JournalHead.objects.get_or_create(
        pk=JournalHead.ONLY, defaults={"position": 0, "digest": GENESIS, "database": identity()}
    )
    return head


def _ahead(head: JournalHead) -> list[Line]:
    """Lines of this database that were written and not committed. Raises NotOurs."""
    if not is_same(head.database, identity()):
        raise NotOurs("This database was restored: run manage.py replay_journal.")
    file = journal_file()
    last = file.last()
    if (last.position if last else 0) < head.position:
        raise NotOurs("The journal is shorter than this database knows it.")
    ahead = file.after(head.position)
    position, digest = head.position, bytes(head.digest)
    if last and not ahead and last.digest != digest:
        raise NotOurs("The journal's last line is not the one this database knows.")
    for line in ahead:
        if not line.follows(position, digest):
            raise JournalBroken(line.position)
        position, digest = line.position, line.digest
    ours = JournalEntry.objects.filter(pk__in=[line.id for line in ahead]).count()
    if ours != len(ahead):
        raise NotOurs("The journal is ahead of this database: run manage.py replay_journal.")
    return ahead
