"""Counts, at the sinks, what was lost and what came twice, and judges it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Sum

from benchmarks.faults import Played
from benchmarks.results import Line
from micic_portal.demo.inbox import DemoSinks
from notifications.engine import limits
from notifications.engine.recording import RESENT
from notifications.enums import DeliveryState
from notifications.models import Delivery, Message
from notifications.watching.enums import Result
from notifications.watching.models import ProviderMinute

REPAIR_SECONDS = 60
WORKER_PROCESSES = 2  # of each worker, as the demo starts them
# Rows that one killed worker can leave in doubt.
HELD_BY_A_WORKER = limits.SLICE * limits.SLICES_IN_FLIGHT * WORKER_PROCESSES


def count(message: Message, sinks: DemoSinks, played: Played, *, people: int) -> dict[str, Any]:
    """The figures of a run. What no sink accepted is lost, whatever the rows say."""
    rows = Delivery.objects.filter(message=message)
    arrived, twice = sinks.references(), sinks.kept_twice()
    due = _ids(rows.exclude(state__in=[DeliveryState.WITHHELD, DeliveryState.CANCELLED]))
    doubtful = _ids(rows.doubtful())
    counts = sinks.counts()
    injected = counts["injected"]
    timeouts = sum(injected.get(f"{channel}_silent", 0) for channel in ("mail", "sms"))
    resent = ProviderMinute.objects.filter(result=Result.RETRIED, code=RESENT)
    return {
        "frozen": len(due),
        "not_frozen_once": abs(people - rows.count()),
        "lost": len(due - arrived),
        "duplicates": len(twice - doubtful),
        "duplicates_listed": len(twice & doubtful),
        "uncertain": len(doubtful),
        "uncertain_bound": played.kills * HELD_BY_A_WORKER + timeouts,
        "left_uncertain": rows.filter(state=DeliveryState.UNCERTAIN).count(),
        "repair_s": round(max((seconds for _, seconds in played.repairs), default=0.0), 1),
        "repairs": [[name, round(seconds, 1)] for name, seconds in played.repairs],
        "resent": resent.aggregate(number=Sum("number"))["number"] or 0,
        "looked_up": counts["look_ups"],
        "repeated_keys": counts["repeated_keys"],
        "receipts": counts["receipts"],
        "injected": injected,
        "kills": played.kills,
        "states": _states(message),
        "settled": played.settled,
        "seconds": round(played.seconds, 1),
    }


def table(figures: Mapping[str, Any]) -> list[Line]:
    def bound(label: str, key: str, most: float, unit: str = "") -> Line:
        figure = figures[key]
        return Line(label, f"{figure:,}{unit}", f"at most {most:,}{unit}", figure <= most)

    settled = figures["settled"]
    return [
        Line("everything settled", f"{figures['seconds']} s", "in time", settled),
        bound("too many or too few rows", "not_frozen_once", 0),
        bound("lost", "lost", 0),
        bound("sent twice in silence", "duplicates", 0),
        Line("sent twice and listed", f"{figures['duplicates_listed']:,}"),
        bound("were in doubt", "uncertain", figures["uncertain_bound"]),
        Line("still are", f"{figures['left_uncertain']:,}"),
        bound("longest repair", "repair_s", REPAIR_SECONDS, " s"),
        Line("asked for at the gateway", f"{figures['looked_up']:,}"),
        Line("sent again after a doubt", f"{figures['resent']:,}"),
        Line("of which the gateway had it", f"{figures['repeated_keys']:,}"),
        Line("receipts", f"{figures['receipts']:,}"),
    ]


def _ids(rows: Any) -> set[str]:
    return {str(pk) for pk in rows.values_list("pk", flat=True)}


def _states(message: Message) -> dict[str, int]:
    return {f"{channel} {state}": n for (channel, state), n in message.deliveries.tally().items()}
