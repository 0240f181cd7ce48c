"""Does again what the journal holds and a restored database does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import router, transaction
from django.utils import timezone

from audit.actors import Actor
from audit.journal.database import identity, take_turn
from audit.journal.file import journal_file
from audit.journal.lines import BEGUN_ANEW, JournalBroken, Line
from audit.journal.models import JournalEntry, JournalHead
from audit.journal.replayers import replayer_of, replaying
from audit.journal.shipping import begun_head, ship_waiting
from audit.journal.standing import look_again
from audit.ledger import record
from audit.purposes import Purpose

BATCH = 100
Progress = Callable[[int], object]


class ReplayRefused(Exception):
    """The portal stays closed. The message says why and what can be done."""


@dataclass(slots=True)
class Report:
    """`lines` were read, `done` changed something; `broken` could not be read."""

    start: int
    end: int
    lines: int = 0
    broken: int = 0
    done: Counter[str] = field(default_factory=Counter)


def replay_journal(*, by: Actor, progress: Progress, begin_anew: bool = False) -> Report:
    """Apply the lines after this database's position, then let it be served.

    `progress` is told the bytes read. A run that ends early goes on where it was. `begin_anew`
    takes what can still be read of a broken or lost journal and begins another file: what stood
    in the lines that are gone is not done. Raises ReplayRefused, and OSError when it is away.
    """
    head = _head()
    report = Report(start=head.position, end=head.position)
    file = journal_file()
    if not begin_anew:
        if not file.path.exists() and head.position:
            raise ReplayRefused(
                f"{file.path} is not there: mount the journal's folder (JOURNAL_DIR). If it is "
                "lost for good, --begin-anew serves without it."
            )
        _require_whole(head)
    for batch in _batches(head, report, progress, lenient=begin_anew):
        _apply(batch, report)
    _finish(report, by, begin_anew=begin_anew)
    if begin_anew:
        file.set_aside()
        _start_file()
    look_again()
    ship_waiting()
    return report


def _require_whole(head: JournalHead) -> None:
    """Nothing is done by a journal that cannot be believed to its end. Raises ReplayRefused."""
    position, digest = head.position, bytes(head.digest)
    try:
        known = next(iter(_reaching(position)), None) if position else None
        if position and (known is None or known.digest != digest):
            raise JournalBroken(position)
        for line in journal_file().read(position) if journal_file().path.exists() else ():
            if not line.follows(position, digest):
                raise JournalBroken(position + 1)
            position, digest = line.position, line.digest
            if line.kind != BEGUN_ANEW and replayer_of(line.kind) is None:
                raise ReplayRefused(
                    f"Line {line.position} is of a kind that this version does not know "
                    f"({line.kind}): replay with the version that wrote it."
                )
    except JournalBroken as broken:
        raise ReplayRefused(
            f"{broken} Nothing was done. Put the whole file back; if that is impossible, "
            "--begin-anew does what can still be read."
        ) from None


def _reaching(position: int) -> Iterator[Line]:
    """The line at a position."""
    for line in journal_file().read(position - 1):
        yield line
        return


def _batches(
    head: JournalHead, report: Report, progress: Progress, *, lenient: bool
) -> Iterator[list[Line]]:
    if not journal_file().path.exists():
        return
    batch: list[Line] = []
    for size, line in journal_file().walk(head.position):
        progress(size)
        if isinstance(line, JournalBroken):
            if not lenient:
                raise ReplayRefused(str(line))
            report.broken += 1
            continue
        batch.append(line)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _apply(lines: list[Line], report: Report) -> None:
    """A batch and the position behind it are committed together."""
    done: Counter[str] = Counter()
    with transaction.atomic(using=router.db_for_write(JournalHead)), replaying():
        take_turn(wait=True)
        # What waited in the outbox when the backup was made was done before it was made.
        ids = [line.id for line in lines]
        waited = set(JournalEntry.objects.filter(pk__in=ids).values_list("pk", flat=True))
        for line in lines:
            if line.id not in waited:
                done[line.kind] += _do(line)
        JournalEntry.objects.filter(pk__in=waited).delete()
        last = lines[-1]
        JournalHead.objects.filter(pk=JournalHead.ONLY).update(
            position=last.position, digest=last.digest
        )
    report.done += done
    report.lines += len(lines)
    report.end = last.position


def _do(line: Line) -> bool:
    replayer = replayer_of(line.kind)
    if replayer is None:
        return False
    try:
        return replayer(line)
    except Exception as error:
        raise ReplayRefused(
            f"Line {line.position} ({line.kind}) cannot be done: {type(error).__name__}. "
            "What stands before it was done; the portal stays closed."
        ) from error


def _finish(report: Report, by: Actor, *, begin_anew: bool) -> None:
    """From here on the portal serves: this is the database that was verified."""
    with transaction.atomic():
        JournalHead.objects.filter(pk=JournalHead.ONLY).update(
            database=identity(), verified_at=timezone.now()
        )
        record(
            action="journal.begin_anew" if begin_anew else "journal.replay",
            by=by,
            purpose=Purpose.MAINTENANCE,
            details={
                "from": report.start,
                "to": report.end,
                "lines": report.lines,
                "broken": report.broken,
                "done": dict(report.done),
            },
        )


def _head() -> JournalHead:
    with transaction.atomic():
        take_turn(wait=True)
        return begun_head()


@transaction.atomic
def _start_file() -> None:
    """Begin another file, behind the last position that is known."""
    take_turn(wait=True)
    head = begun_head()
    file = journal_file()
    line = Line.after(head.position, bytes(head.digest), JournalEntry(kind=BEGUN_ANEW))
    with file.locked(create=True):
        file.append([line])
    JournalHead.objects.filter(pk=head.pk).update(position=line.position, digest=line.digest)
