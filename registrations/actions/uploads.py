"""Lists of people: checked row by row, and taken when their group says so. The row is the queue:
each chunk is committed with its counters, so that a worker that dies loses and doubles nothing."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override
from kombu.exceptions import KombuError, OperationalError
from redis.exceptions import RedisError

from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose
from registrations.actions.inviting import send_invitations
from registrations.actions.reporting import has_refused, save_report
from registrations.enums import UPLOAD_TRANSITIONS, Source, UploadState
from registrations.limits import take_turn
from registrations.models import Group, Report, Upload
from registrations.spreadsheets.checking import ListedPerson, Problem, RowChecker
from registrations.spreadsheets.tables import Table

logger = logging.getLogger(__name__)

CHECK_CHUNK = 500
TAKE_CHUNK = 100
# A list that has not moved on for so long has lost its worker.
_STILL = dt.timedelta(seconds=60)
_TASKS = {
    UploadState.CHECKING: "registrations.tasks.check_upload",
    UploadState.TAKING: "registrations.tasks.take_upload",
}


class TooManyUploads(Exception):
    """The group has uploaded enough lists for an hour."""


class UploadMoved(Exception):
    """The list was in a state from which this move is not allowed."""


@transaction.atomic
def start_upload(*, group: Group, table: Table, language: str, by: Actor) -> Upload:
    """Keep a list, and have it checked. Raises TooManyUploads."""
    allowed = settings.REGISTRATION_LIMITS["uploads_per_group_hour"]
    if not take_turn("uploads", str(group.pk), limit=allowed):
        raise TooManyUploads
    upload = Upload.objects.create(
        group=group, rows=table.to_json(), problems=[], language=language, total=len(table.rows)
    )
    _record("upload.start", upload, by, rows=upload.total)
    _ring(upload.pk, UploadState.CHECKING)
    return upload


def check_upload(*, upload_id: UUID, chunk: int = CHECK_CHUNK) -> None:
    """Check what is left of a list."""
    checkers: dict[UUID, RowChecker] = {}
    while _check_chunk(upload_id, chunk, checkers):
        pass


def take_upload(*, upload_id: UUID, by: Actor, chunk: int = TAKE_CHUNK) -> None:
    """Take what is left of the right rows of a list."""
    checkers: dict[UUID, RowChecker] = {}
    while _take_chunk(upload_id, chunk, checkers, by):
        pass


@transaction.atomic
def begin_taking(*, upload_id: UUID, by: Actor) -> None:
    """Have the right rows taken, the wrong ones set aside. Raises UploadMoved."""
    _move(upload_id, UploadState.TAKING)
    _record("upload.take", Upload.objects.defer("rows", "problems").get(pk=upload_id), by)
    _ring(upload_id, UploadState.TAKING)


@transaction.atomic
def discard_upload(*, upload_id: UUID, by: Actor) -> None:
    """Erase a list of which nothing was taken. Raises UploadMoved."""
    _move(upload_id, UploadState.DISCARDED)
    upload = Upload.objects.select_for_update().get(pk=upload_id)
    upload.rows = upload.problems = None
    upload.save(update_fields=["rows", "problems"])
    _record("upload.discard", upload, by)


def ring_uploads(*, now: dt.datetime | None = None) -> int:
    """Wake a worker for each list that stands still; return how many."""
    still = Upload.objects.filter(
        state__in=list(_TASKS), moved_at__lt=(now or timezone.now()) - _STILL
    )
    found = list(still.values_list("pk", "state"))
    for upload_id, state in found:
        _ring_now(upload_id, UploadState(state))
    return len(found)


@transaction.atomic
def _check_chunk(upload_id: UUID, chunk: int, checkers: dict[UUID, RowChecker]) -> bool:
    """Check the next rows; whether more are left."""
    upload = _locked(upload_id, UploadState.CHECKING)
    if upload is None:
        return False
    checker = checkers.setdefault(upload.group_id, RowChecker(upload.group))
    rows = list(_table(upload))[upload.checked : upload.checked + chunk]
    wrong = []
    with override(upload.language):
        for number, cells in rows:
            found = checker.check(number, cells)
            if not isinstance(found, ListedPerson):
                wrong.append(found)
    _set_aside(upload, wrong)
    upload.checked += len(rows)
    _save(upload, "checked")
    if upload.checked >= upload.total:
        _move(upload_id, UploadState.CHECKED)
        return False
    return True


@transaction.atomic
def _take_chunk(upload_id: UUID, chunk: int, checkers: dict[UUID, RowChecker], by: Actor) -> bool:
    """Take the next right rows, with their people, their invitations and the counter together."""
    upload = _locked(upload_id, UploadState.TAKING)
    if upload is None:
        return False
    checker = checkers.setdefault(upload.group_id, RowChecker(upload.group))
    table = _table(upload)
    aside = {problem["row"] for problem in _problems(upload)}
    right = [(number, cells) for number, cells in table if number not in aside]
    rows = right[upload.taken : upload.taken + chunk]
    wrong, people = [], []
    with override(upload.language):
        for number, cells in rows:
            # Checked again: what was right may have become wrong, as days pass.
            found = checker.check(number, cells)
            if not isinstance(found, ListedPerson):
                wrong.append(found)
                continue
            upload.taken += 1
            if not has_refused(group=upload.group, contacts=found.contacts):
                people.append(_take(found, upload.group))
    _set_aside(upload, wrong)
    _save(upload, "taken")
    if people:
        record(
            action="report.receive",
            by=by,
            purpose=Purpose.REGISTRATION,
            subjects=people,
            object_type="registrations.group",
            object_id=upload.group_id,
            details={"source": Source.GROUP.value, "people": len(people)},
        )
        send_invitations(people=people, batch=2 * chunk)
    if upload.taken + sum(1 for _ in wrong) < len(right):
        return True
    _finish(upload, table)
    return False


def _take(listed: ListedPerson, group: Group) -> UUID:
    return save_report(
        source=Source.GROUP,
        name=listed.name,
        language=listed.language,
        contacts=listed.contacts,
        stays=listed.stays,
        document_number=listed.document_number,
        birth_date=listed.birth_date,
        report=Report(source=Source.GROUP, group=group),
    ).pk


def _finish(upload: Upload, table: Table) -> None:
    """Only what was set aside is kept a little longer, to be corrected."""
    aside = table.only(problem["row"] for problem in _problems(upload))
    upload.rows = aside.to_json() if aside.rows else None
    upload.save(update_fields=["rows"])
    _move(upload.pk, UploadState.TAKEN)


def _locked(upload_id: UUID, state: UploadState) -> Upload | None:
    """The list, if it is in that state and no other worker is at it."""
    return (
        Upload.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("group")
        .filter(pk=upload_id, state=state)
        .first()
    )


def _table(upload: Upload) -> Table:
    """The list; an empty one once its rows are gone."""
    return Table.from_json(upload.rows or {"columns": (), "numbers": (), "rows": ()})


def _problems(upload: Upload) -> list[dict[str, Any]]:
    return list(upload.problems or [])


def _set_aside(upload: Upload, wrong: list[list[Problem]]) -> None:
    if wrong:
        upload.problems = _problems(upload) + [item.to_json() for row in wrong for item in row]
        upload.wrong += len(wrong)
        upload.save(update_fields=["problems", "wrong"])


def _save(upload: Upload, counter: str) -> None:
    upload.moved_at = timezone.now()
    upload.save(update_fields=[counter, "moved_at"])


def _move(upload_id: UUID, to: UploadState) -> None:
    sources = [state for state, targets in UPLOAD_TRANSITIONS.items() if to in targets]
    moved = Upload.objects.filter(pk=upload_id, state__in=sources).update(
        state=to, moved_at=timezone.now()
    )
    if not moved:
        raise UploadMoved(to.value)


def _record(action: str, upload: Upload, by: Actor, **details: Any) -> None:
    record(
        action=action,
        by=by,
        purpose=Purpose.REGISTRATION,
        object_type="registrations.upload",
        object_id=upload.pk,
        details={"right": upload.checked - upload.wrong, "wrong": upload.wrong} | details,
    )


def _ring(upload_id: UUID, state: UploadState) -> None:
    transaction.on_commit(lambda: _ring_now(upload_id, state))


def _ring_now(upload_id: UUID, state: UploadState) -> None:
    """Never raises: what nobody hears is rung again by ring_uploads()."""
    try:
        current_app.send_task(_TASKS[state], args=[str(upload_id)], retry=False)
    except (KombuError, OperationalError, RedisError, OSError) as error:
        logger.warning("doorbell unheard: %s; the sweeper will ring", type(error).__name__)
