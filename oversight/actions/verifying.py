"""Walks the chain by the clock: what is new each hour, the whole each night."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from audit.heads import unfit
from audit.ledger import record
from audit.models import Head
from audit.purposes import Purpose
from audit.sealing import GENESIS, seal_waiting
from audit.verification import Reached, never_sealed, next_breaks, seals_after
from oversight.actions.alarms import WATCH, Who, raise_alarm
from oversight.counting import Stretch
from oversight.enums import AlarmKind
from oversight.models import LedgerMark, Verification

# A walk that has not moved for so long belongs to a process that died.
STANDSTILL = dt.timedelta(minutes=10)
TOLD = 20
_A_DAY = dt.timedelta(days=1)


def verify_ledger(*, whole: bool) -> Verification | None:
    """Walk on from where the last walk ended, or from the first seal; go on with a walk that was
    interrupted. None while another process walks.

    Raises an alarm where the chain does not hold.
    """
    # After hours without a sealer, what waits is no sign of an attack.
    seal_waiting()
    walk = _take(whole)
    if walk is None:
        return None
    reached = Reached(walk.position, bytes(walk.digest))
    if not reached.is_still_there():
        _note(walk, [f"seal {reached.position} is no longer what it was"], 0)
    while seals := seals_after(reached.position):
        problems = [problem for seal in seals for problem in next_breaks(reached, seal)]
        walk.position, walk.digest = reached.position, reached.digest
        _note(walk, problems, sum(seal.entries for seal in seals))
    problems = list(never_sealed())
    if walk.is_whole:
        problems += unfit(Head.objects.all())
    _note(walk, problems, 0)
    return _finish(walk)


@transaction.atomic
def _take(whole: bool) -> Verification | None:
    LedgerMark.objects.get_or_create(pk=1)
    LedgerMark.objects.select_for_update().get(pk=1)  # One process takes at a time.
    now = timezone.now()
    walk = Verification.objects.filter(finished_at=None, is_whole=whole).first()
    if walk is not None:
        if walk.moved_at > now - STANDSTILL:
            return None
        Verification.objects.filter(pk=walk.pk).update(moved_at=now)
        return walk
    last = None if whole else _last_finished()
    return Verification.objects.create(
        is_whole=whole,
        position=last.position if last else 0,
        digest=bytes(last.digest) if last else GENESIS,
    )


def _last_finished() -> Verification | None:
    return Verification.objects.exclude(finished_at=None).order_by("-position").first()


def _note(walk: Verification, problems: list[str], entries: int) -> None:
    """Keep how far it got: a process that dies is taken over from there."""
    walk.entries += entries
    walk.breaks += len(problems)
    walk.told = [*walk.told, *problems][:TOLD]
    walk.moved_at = timezone.now()
    walk.save(update_fields=["position", "digest", "entries", "breaks", "told", "moved_at"])


@transaction.atomic
def _finish(walk: Verification) -> Verification:
    LedgerMark.objects.select_for_update().get(pk=1)
    walk.finished_at = timezone.now()
    walk.save(update_fields=["finished_at"])
    record(
        action="ledger.verify",
        by=WATCH,
        purpose=Purpose.OVERSIGHT,
        object_type="oversight.verification",
        object_id=walk.pk,
        details={
            "whole": walk.is_whole,
            "entries": walk.entries,
            "seal": walk.position,
            "breaks": walk.breaks,
        },
    )
    if walk.breaks:
        _alarm(walk)
    return walk


def _alarm(walk: Verification) -> None:
    raise_alarm(
        kind=AlarmKind.CHAIN_BROKEN,
        who=Who(),
        stretch=Stretch(walk.breaks, 1, walk.began_at, walk.finished_at or timezone.now()),
        threshold=0,
        window=_A_DAY,
        counted_to=walk.position,
    )


def last_whole() -> Verification | None:
    """The newest walk along the whole chain that came to its end."""
    return (
        Verification.objects.filter(is_whole=True, finished_at__isnull=False)
        .order_by("-began_at")
        .first()
    )


def is_broken() -> bool:
    """Whether a walk found the chain broken, and no later one found the whole of it whole."""
    ended = Verification.objects.filter(finished_at__isnull=False)
    clean = ended.filter(is_whole=True, breaks=0).order_by("-began_at").first()
    broken = ended.filter(breaks__gt=0)
    if clean is not None:
        broken = broken.filter(began_at__gt=clean.began_at)
    return broken.exists()
