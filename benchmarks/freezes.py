"""Measures the portal's own freeze beside the bare INSERT ... SELECT of the same columns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from benchmarks.results import Line
from crises import actions
from crises.enums import AreaSource, Certainty, NoticeState, Severity, Urgency
from crises.models import Crisis, Notice
from geography.areas import Area
from micic_portal.demo.officers import TEXTS
from notifications.models import Delivery

# How often the bare INSERT's time the freeze may take.
MOST_TIMES = 3
# By days, consent, precision and how many ways there are to reach a person.
STAYS_FOR_EACH = 2.9

_TABLE = Delivery._meta.db_table
_COLUMNS = [str(field.column) for field in Delivery._meta.local_concrete_fields]
# Rows that are chosen already: the peer has nothing to look for. Only what must differ is new.
_CHOSEN = f"CREATE TABLE bare_chosen AS SELECT * FROM {_TABLE} WHERE message_id = %s"
_NEW = {"id": "gen_random_uuid()", "message_id": "%s::uuid"}
_BARE = f"""
INSERT INTO bare_delivery ({", ".join(_COLUMNS)})
SELECT {", ".join(_NEW.get(column, column) for column in _COLUMNS)} FROM bare_chosen
"""


class NotFrozen(RuntimeError):
    """A notice did not become what was approved."""


def measure(area: Area, *, runs: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Seconds of each side, medians of alternating runs; the first of each is not counted."""
    author, approver = officers()
    crisis = open_crisis(area, by=author)
    portal: list[float] = []
    bare: list[float] = []
    counts: set[int] = set()
    for run in range(runs + 1):
        notice = approved_notice(crisis, author, approver)
        portal.append(_timed(partial(actions.freeze_notice, notice.pk)))
        notice.refresh_from_db()
        if notice.state != NoticeState.SENDING or notice.message is None:
            raise NotFrozen(f"The notice is {notice.state}")
        if run == 0:
            _build_bare(notice)
        bare.append(_timed(partial(_insert_bare, notice)))
        counts.add(notice.message.deliveries.count())
        say(f"run {run}: portal {portal[-1]:.2f} s, bare {bare[-1]:.2f} s")
    if len(counts) != 1:
        raise NotFrozen(f"The same audience was {sorted(counts)}")
    portal_s, bare_s = statistics.median(portal[1:]), statistics.median(bare[1:])
    return {
        "recipients": counts.pop(),
        "portal_s": round(portal_s, 3),
        "bare_s": round(bare_s, 3),
        "times": round(portal_s / bare_s, 2),
    }


def table(figures: dict[str, Any]) -> list[Line]:
    return [
        Line("recipients", f"{figures['recipients']:,}"),
        Line("the portal's freeze", f"{figures['portal_s']:.2f} s"),
        Line("the bare INSERT ... SELECT", f"{figures['bare_s']:.2f} s"),
        Line(
            "times the bare INSERT",
            str(figures["times"]),
            f"at most {MOST_TIMES}",
            figures["times"] <= MOST_TIMES,
        ),
    ]


def officers() -> tuple[User, User]:
    """Who writes a notice, and who approves it."""
    emails = ("clara@capital.example", "pablo@capital.example")
    author, approver = (User.objects.get(email=email) for email in emails)
    return author, approver


def open_crisis(area: Area, *, by: User) -> Crisis:
    return actions.open_crisis(
        title="Earthquake near Tokyo",
        is_drill=False,
        area=area,
        label="Tokyo, within 150 km",
        source=AreaSource.CIRCLE,
        by=by,
    )


def approved_notice(crisis: Crisis, author: User, approver: User) -> Notice:
    notice = submitted_notice(crisis, author)
    return actions.approve_notice(notice=notice, seen_digest=notice.content_digest, by=approver)


def submitted_notice(crisis: Crisis, author: User) -> Notice:
    notice = actions.start_notice(crisis=crisis, area=crisis.areas.get(), by=author)
    notice = actions.write_notice(
        notice=notice,
        urgency=Urgency.IMMEDIATE,
        severity=Severity.SEVERE,
        certainty=Certainty.OBSERVED,
        expires_at=timezone.now() + timedelta(days=3),
        texts={
            language: {"subject": subject, "body": body, "sms": sms}
            for language, (subject, body, sms) in TEXTS.items()
        },
        by=author,
    )
    return actions.submit_notice(notice=notice, by=author)


def _build_bare(notice: Notice) -> None:
    """A table with the deliveries' indexes, constraints and storage, and the rows to put there."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare_delivery, bare_chosen")
        cursor.execute(_CHOSEN, [notice.message_id])
        cursor.execute(f"CREATE TABLE bare_delivery (LIKE {_TABLE} INCLUDING ALL)")
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = %s::regclass AND contype = 'f'",
            [_TABLE],
        )
        for name, definition in cursor.fetchall():
            cursor.execute(f"ALTER TABLE bare_delivery ADD CONSTRAINT {name} {definition}")
        cursor.execute(
            "SELECT array_to_string(reloptions, ', ') FROM pg_class WHERE oid = %s::regclass",
            [_TABLE],
        )
        (storage,) = cursor.fetchone()
        if storage:
            cursor.execute(f"ALTER TABLE bare_delivery SET ({storage})")
        cursor.execute("ANALYZE bare_chosen")


@transaction.atomic
def _insert_bare(notice: Notice) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_BARE, [notice.message_id])


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
