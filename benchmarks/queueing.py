"""Measures the queue's own statements beside few and beside many finished rows."""

from __future__ import annotations

import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from tqdm import tqdm

from benchmarks.population import vacuum, without_indexes
from benchmarks.results import Line
from notifications.actions import create_message, freeze
from notifications.engine import claims, limits, sweep
from notifications.engine.claims import Result
from notifications.enums import DeliveryState, Lane, MessageState
from notifications.models import Delivery, Message
from notifications.templates import TextOf

MOST_TIMES = 1.2
STEPS = ("claim", "begin", "write back", "sweep")
_TABLE = Delivery._meta.db_table
_OF_A_NOTICE = 100_000
_PROVIDER = "sms.gateway"
_FILL = f"""
INSERT INTO {_TABLE} (
    id, message_id, recipient_id, subject_id, channel, language, lane, state, held, attempt,
    doubts, due_at, lease_owner, error_code, withheld_reason, provider_reference, provider,
    accepted_at, delivered_at, created_at)
SELECT gen_random_uuid(), %s, gen_random_uuid(), gen_random_uuid(),
    CASE number %% 2 WHEN 0 THEN 'sms' ELSE 'mail' END, 'es', {int(Lane.CRISIS)}, 'delivered',
    false, 1, 0, NULL, 'machine-0123456789abcdef', '', '',
    CASE number %% 2 WHEN 0 THEN 'sink-' || number ELSE '' END, '{_PROVIDER}', now(), now(), now()
FROM generate_series(1, %s) AS number
"""

Say = Callable[[str], None]


class NotSent(RuntimeError):
    """Not every row went through the queue."""


def measure(*, finished: int, due: int, runs: int, say: Say) -> dict[str, Any]:
    """The figures, in microseconds a row; the table is larger by `finished` rows in the second."""
    _cycle(due)  # Fills the caches, and is not counted.
    few = _medians(due, runs)
    say(f"beside {_rows():,} rows: {few['all']:.1f} µs a row")
    _fill(finished)
    vacuum(_TABLE)
    plan = _plan_of_a_claim()
    many = _medians(due, runs)
    say(f"beside {_rows():,} rows: {many['all']:.1f} µs a row")
    return {
        "finished": finished,
        "due": due,
        "few_us": few["all"],
        "many_us": many["all"],
        "times": round(many["all"] / few["all"], 3),
        "steps": {step: {"few_us": few[step], "many_us": many[step]} for step in STEPS},
        "plan": plan,
        "bytes_per_row": _bytes() // _rows(),
    }


def table(figures: dict[str, Any]) -> list[Line]:
    return [
        Line("finished deliveries", f"{figures['finished']:,}"),
        Line("claim, begin and write back, few rows", f"{figures['few_us']:.1f} µs a row"),
        Line("the same, beside the finished ones", f"{figures['many_us']:.1f} µs a row"),
        Line(
            "times",
            str(figures["times"]),
            f"at most {MOST_TIMES}",
            figures["times"] <= MOST_TIMES,
        ),
        *(
            Line(f"· {step}", f"{one['few_us']:.1f} and {one['many_us']:.1f} µs a row")
            for step, one in figures["steps"].items()
        ),
        Line("disk, with every index", f"{figures['bytes_per_row']:,} bytes a delivery"),
        *(Line("", each) for each in figures["plan"]),
    ]


def _medians(due: int, runs: int) -> dict[str, float]:
    """Microseconds a row of each step, and of all."""
    cycles = [_cycle(due) for _ in range(runs)]
    return {
        step: round(1e6 * statistics.median(cycle[step] for cycle in cycles) / due, 1)
        for step in ("all", *STEPS)
    }


def _cycle(due: int) -> dict[str, float]:
    """Seconds of each step for one notice to go through the queue, and the sweep after it."""
    message = _message()
    sql = "SELECT gen_random_uuid(), gen_random_uuid(), 'sms', 'es' FROM generate_series(1, %s)"
    freeze(message, rows=(sql, [due]))
    took = dict.fromkeys(("all", *STEPS), 0.0)
    with _timed(took, "all"):
        handled = _handle_all(took)
    message.refresh_from_db()
    if handled != due or message.state != MessageState.DONE:
        raise NotSent(f"{handled:,} of {due:,}, and the message is {message.state}")
    return took


def _handle_all(took: dict[str, float]) -> int:
    handled = 0
    while True:
        with _timed(took, "claim"):
            rows = claims.claim("benchmark")
        if not rows:
            break
        for start in range(0, len(rows), limits.SLICE):
            some = rows[start : start + limits.SLICE]
            with _timed(took, "begin"):
                attempts = claims.begin("benchmark", {row.pk: _PROVIDER for row in some})
            with _timed(took, "write back"):
                claims.write_back(
                    "benchmark",
                    [
                        Result(pk, attempt, DeliveryState.ACCEPTED, reference=str(pk))
                        for pk, attempt in attempts.items()
                    ],
                )
        handled += len(rows)
    with _timed(took, "sweep"):
        sweep()
    return handled


@contextmanager
def _timed(took: dict[str, float], step: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    took[step] += time.perf_counter() - began


def _fill(finished: int) -> None:
    progress = tqdm(total=finished, unit=" rows", desc="finished")
    with without_indexes(_TABLE), connection.cursor() as cursor, progress as bar:
        left = finished
        while left > 0:
            some = min(left, _OF_A_NOTICE)
            message = _message()
            Message.objects.filter(pk=message.pk).update(
                state=MessageState.DONE, finished_at=timezone.now()
            )
            cursor.execute(_FILL, [message.pk, some])
            left -= some
            bar.update(some)


def _message() -> Message:
    return create_message(
        purpose="crisis",
        lane=Lane.CRISIS,
        texts=[TextOf("es", "Sismo", "Responda: {link}", "Sismo")],
        expires_at=timezone.now() + timedelta(days=1),
        context_id=uuid.uuid4(),
    )


def _plan_of_a_claim() -> list[str]:
    """How PostgreSQL reads the queue for a claim: the lines that name a table's reading."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN SELECT id FROM {_TABLE} WHERE lane = {int(Lane.CRISIS)} AND NOT held"
            " AND due_at <= statement_timestamp() AND state = 'queued'"
            " ORDER BY due_at LIMIT 500 FOR UPDATE SKIP LOCKED"
        )
        lines = [str(row[0]).strip() for row in cursor.fetchall()]
    return [line for line in lines if _TABLE in line]


def _rows() -> int:
    return Delivery.objects.count()


def _bytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size(%s)", [_TABLE])
        (size,) = cursor.fetchone()
    return int(size)
