"""Whether this database may be served: not while the journal holds what was not done in it.

Nobody says that a database was restored; the portal finds out, by its own head and the file's end.
Each process looks when it starts and then a few times a minute, never once for each request.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass

from django.db import DatabaseError, transaction
from django.utils import timezone

from audit.journal.database import Stand, identity, is_same, look, take_turn
from audit.journal.file import JournalFile, journal_file
from audit.journal.lines import JournalBroken, Line
from audit.journal.shipping import begun_head

logger = logging.getLogger(__name__)

LOOK_EVERY = 15.0  # seconds
# A portal that is closed opens as soon as the journal was replayed.
LOOK_AGAIN = 2.0
# Reading one line takes a millisecond; a network volume whose server is gone never answers.
ANSWERS_WITHIN = 2.0
READER = "journal-reader"
# The sweep runs each minute: what waits for longer waits for a disk.
WAITS_TOO_LONG = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Standing:
    """`closed` says why the portal must not serve, `problem` what is wrong with the journal.

    closed: "behind" (the journal is ahead of the database), "moved" (another database than the one
    that was verified), "unknown" (the database does not answer). problem: "away", "lost", "broken",
    "waiting". Both empty when all is well.
    """

    closed: str = ""
    problem: str = ""

    @property
    def is_open(self) -> bool:
        return not self.closed


_lock = threading.Lock()
_seen: tuple[float, Standing] | None = None
_assumed: Standing | None = None


def standing() -> Standing:
    """How this database stood a few seconds ago at most."""
    global _seen
    if _assumed is not None:
        return _assumed
    seen = _seen
    if seen is not None and time.monotonic() < seen[0]:
        return seen[1]
    # One thread looks; the others go by what was seen last, if anything was.
    if not _lock.acquire(blocking=seen is None):
        return seen[1] if seen else Standing(closed="unknown")
    try:
        if _seen is not None and _seen is not seen and time.monotonic() < _seen[0]:
            return _seen[1]
        found = _found(seen[1] if seen else None)
        wait = LOOK_EVERY if found.is_open else LOOK_AGAIN
        _seen = (time.monotonic() + wait, found)
        return found
    finally:
        _lock.release()


def may_serve() -> bool:
    return standing().is_open


def look_again() -> None:
    """Forget what was seen: the next question looks."""
    global _seen, _assumed
    _seen = _assumed = None


def assume(found: Standing) -> None:
    """Look no more, until `look_again`: for tests whose subject is something else."""
    global _assumed
    _assumed = found


def _found(before: Standing | None) -> Standing:
    try:
        found = find_standing()
    except DatabaseError as error:
        # What was open stays so: its pages say by themselves that the database is away.
        logger.error("The journal's head cannot be read: %s", type(error).__name__)
        return before or Standing(closed="unknown")
    if found != before:
        if found.closed:
            logger.error("The portal does not serve: the database was restored (%s).", found.closed)
        if found.problem:
            logger.error("Something is wrong with the journal of erasures: %s.", found.problem)
        if before and found == Standing():
            logger.info("The journal of erasures is whole again.")
    return found


def find_standing() -> Standing:
    """Look now. Raises DatabaseError."""
    file = journal_file()
    # The file is read before the database, so that what another process ships in between makes
    # the database look ahead of the file, and never behind it.
    last, problem = _last(file)
    stand = look()
    if stand.position is None:
        return Standing(closed="behind") if last else _begin(file)
    if not is_same(stand.database, identity()):
        return Standing(closed="moved", problem=problem)
    if last is not None and last.position > stand.position:
        return _ahead(file, stand.position, last)
    if not problem and _problem(stand, last) == "lost":
        # Or shipped after the file was read: read now, a file that is whole reaches the database.
        last, problem = _last(file)
    return Standing(problem=problem or _problem(stand, last))


_reading: Future[Line | None] | None = None


def _last(file: JournalFile) -> tuple[Line | None, str]:
    """The last line, and what is wrong. A volume that hangs is away: no page waits for it."""
    global _reading
    if _reading is None or _reading.done():
        _reading = Future()
        # Not of a pool: a pool's thread that hangs would keep the process from ending.
        reader = threading.Thread(target=_read, args=(file, _reading), name=READER, daemon=True)
        reader.start()
    reading = _reading
    try:
        return reading.result(ANSWERS_WITHIN), ""
    except (OSError, TimeoutError):
        return None, "away"
    except JournalBroken:
        return None, "broken"


def _read(file: JournalFile, into: Future[Line | None]) -> None:
    try:
        into.set_result(file.last())
    except Exception as error:
        into.set_exception(error)


def _ahead(file: JournalFile, position: int, last: Line) -> Standing:
    """The file is ahead: by what is being shipped at this moment, or because of a restore."""
    try:
        ahead = [line for line in file.after(position) if line.position <= last.position]
    except (OSError, JournalBroken):
        return Standing(closed="behind")
    # One snapshot. What was shipped meanwhile moved the head and took its row away; what is being
    # shipped has its row still, and what a row waits for was done in this database.
    stand = look(line.id for line in ahead)
    missing = sum(line.position > (stand.position or 0) for line in ahead)
    if stand.known < missing:
        return Standing(closed="behind")
    return Standing(problem=_problem(stand, last))


def _problem(stand: Stand, last: Line | None) -> str:
    position = stand.position or 0
    if position and (last is None or last.position < position):
        return "lost"
    if last is not None and last.position == position and last.digest != stand.digest:
        return "broken"
    if stand.waiting_since and stand.waiting_since < timezone.now() - WAITS_TOO_LONG:
        return "waiting"
    return ""


def _begin(file: JournalFile) -> Standing:
    """A new installation: the database that is here is the one whose journal begins."""
    with transaction.atomic(), suppress(OSError):
        take_turn(wait=True)
        begun_head()
        file.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Standing(problem=_last(file)[1] or _problem(look(), None))
