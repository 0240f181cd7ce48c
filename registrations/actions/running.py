"""The nightly run: every step of every floor, resumed where one was interrupted, and audited."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose
from registrations.models import RetentionRun
from registrations.retention_steps import Step, steps

logger = logging.getLogger(__name__)

# A process that has moved nothing on for so long is taken for dead.
STANDSTILL = dt.timedelta(minutes=5)
Heard = Callable[[Step, RetentionRun], object]


class RunUnderWay(Exception):
    """Another process is at it, and has moved on lately."""


class StepsFailed(Exception):
    """Some steps could not be done, and are tried again by the next run: their names."""


def run_retention(
    *,
    by: Actor,
    now: dt.datetime | None = None,
    heard: Heard | None = None,
    take_over: bool = False,
) -> RetentionRun:
    """Erase all whose time is over; go on with a run that was interrupted.

    Each batch commits together with its count, so that nothing is counted twice. A step that
    fails stops no other. `heard` is told after each batch; `take_over` takes a run from a process
    that is known to be dead. Raises RunUnderWay and StepsFailed.
    """
    owner = uuid4()
    run = _take(owner, take_over=take_over)
    try:
        failed = _do_all(run, owner, by, now or timezone.now(), heard)
        if failed:
            raise StepsFailed(", ".join(failed))
        _finish(run, owner, by)
    finally:
        # Whoever comes next need not wait: this process is done with it, one way or the other.
        unfinished = RetentionRun.objects.filter(pk=run.pk, owner=owner, finished_at=None)
        unfinished.update(moved_at=run.started_at - STANDSTILL)
    return run


def is_interrupted() -> bool:
    """Whether a run has not come to its end."""
    return RetentionRun.objects.filter(finished_at=None).exists()


def _do_all(
    run: RetentionRun, owner: UUID, by: Actor, now: dt.datetime, heard: Heard | None
) -> list[str]:
    """Do what is not done yet; return the names of the steps that failed."""
    failed = []
    for step in steps():
        if run.is_done(step.name):
            continue
        try:
            _do(step, run, owner, by, now, heard)
        except RunUnderWay:
            raise
        except Exception as error:  # Whatever it was, the others' data must still go in time.
            logger.error("The retention step %s failed: %s", step.name, type(error).__name__)
            failed.append(step.name)
            run.refresh_from_db()
    return failed


@transaction.atomic
def _take(owner: UUID, *, take_over: bool) -> RetentionRun:
    """The run that was interrupted, or a new one. Raises RunUnderWay."""
    run = RetentionRun.objects.select_for_update().filter(finished_at=None).first()
    if run is None:
        try:
            with transaction.atomic():
                return RetentionRun.objects.create(owner=owner)
        except IntegrityError:  # Another process began in this very moment.
            raise RunUnderWay from None
    if not take_over and run.moved_at > timezone.now() - STANDSTILL:
        raise RunUnderWay
    run.owner, run.moved_at, run.resumed = owner, timezone.now(), run.resumed + 1
    run.save(update_fields=["owner", "moved_at", "resumed"])
    return run


def _do(
    step: Step, run: RetentionRun, owner: UUID, by: Actor, now: dt.datetime, heard: Heard | None
) -> None:
    run.begin(step.name)
    batches = step.act(by, now)
    while not run.is_done(step.name):
        with transaction.atomic():
            counts = next(batches, None)
            if counts is None:
                run.end(step.name)
            else:
                run.add(step.name, counts)
            _save(run, owner)
        if heard:
            heard(step, run)


def _save(run: RetentionRun, owner: UUID) -> None:
    """Whoever was taken for dead and comes back finds another owner, and undoes its batch."""
    run.moved_at = timezone.now()
    still_ours = RetentionRun.objects.filter(Q(pk=run.pk), owner=owner, finished_at=None)
    if not still_ours.update(steps=run.steps, moved_at=run.moved_at):
        raise RunUnderWay


@transaction.atomic
def _finish(run: RetentionRun, owner: UUID, by: Actor) -> None:
    run.finished_at = timezone.now()
    done = RetentionRun.objects.filter(pk=run.pk, owner=owner, finished_at=None)
    if not done.update(finished_at=run.finished_at):
        raise RunUnderWay
    record(
        action="retention.run",
        by=by,
        purpose=Purpose.MAINTENANCE,
        object_type="registrations.retentionrun",
        object_id=run.pk,
        details={
            "steps": {name: run.counts_of(name) for name in sorted(run.steps)},
            "resumed": run.resumed,
        },
    )
