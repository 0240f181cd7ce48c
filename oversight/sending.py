"""The operators' page in pictures: one reading as a state, bars, a chart and cards."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.channels.installed import channel_labels
from notifications.enums import DeliveryState, Lane
from notifications.watching.enums import ANSWERS, Heart, Result, TroubleKind
from notifications.watching.heartbeats import SILENT_AFTER, Beat, silent
from notifications.watching.models import Trouble
from notifications.watching.readings import (
    MINUTES,
    Counted,
    Reading,
    Waiting,
    number_of,
    provider_keys,
)
from oversight import troubles
from oversight.troubles import lasting

_PAST_SHOWN = 10
# Workers keep the watch twice a minute; without them a web server does after a while.
_UNWATCHED_SECONDS = 180.0
_CODES_SHOWN = 8
_TABLE_STEP = 5
# Of the chart, in pixels; the widths are parts of a hundred.
CHART_HEIGHT = 140
_TONES = {
    Result.ACCEPTED: "success",
    Result.RETRIED: "warning",
    Result.UNCERTAIN: "warning",
    Result.FAILED: "danger",
}
_MISSED = (Result.RETRIED, Result.UNCERTAIN, Result.FAILED)


def picture(reading: Reading) -> dict[str, Any]:
    """Everything that the page shows. It holds counts, keys and codes, and nobody."""
    now = list(Trouble.objects.filter(ended_at=None).order_by("began_at", "pk"))
    past = Trouble.objects.exclude(ended_at=None).order_by("-began_at", "pk")[:_PAST_SHOWN]
    handed_over = number_of(_last_minute(reading), Result.ACCEPTED)
    queued, doubts, held = _numbers(reading.waiting)
    return {
        "at": reading.at,
        "state": _state(now, queued, handed_over),
        "troubles": [_card(one) for one in now],
        "past": [_card(one) for one in past],
        "queued": queued,
        "doubts": doubts,
        "held": held,
        "handed_over": handed_over,
        "taken_back": number_of(reading.minutes, Result.TAKEN_BACK),
        "lanes": _lanes(reading, now),
        "details": _details(reading.waiting),
        "chart": _chart(reading),
        "providers": [_provider(reading, key) for key in provider_keys(reading)],
        "hearts": _hearts(reading),
    }


def _numbers(waiting: Iterable[Waiting]) -> tuple[int, int, int]:
    """Those to be sent, those in doubt, and those held back."""
    queued = doubts = held = 0
    for one in waiting:
        if one.state == DeliveryState.UNCERTAIN:
            doubts += one.number
        elif one.held:
            held += one.number
        else:
            queued += one.number
    return queued, doubts, held


def _state(now: list[Trouble], queued: int, handed_over: int) -> dict[str, str]:
    if now:
        title = ngettext("Something is wrong", "Several things are wrong", len(now))
        return {"tone": "danger", "title": title, "text": troubles.title(now[0])}
    if queued or handed_over:
        text = ngettext(
            "%(number)d message was handed over in the last minute.",
            "%(number)d messages were handed over in the last minute.",
            handed_over,
        ) % {"number": handed_over}
        return {"tone": "success", "title": _("Everything flows"), "text": text}
    return {
        "tone": "success",
        "title": _("All is quiet"),
        "text": _("No message waits to be sent."),
    }


def _card(trouble: Trouble) -> dict[str, Any]:
    ended = trouble.ended_at
    return {
        "title": troubles.title(trouble),
        "figure": troubles.figure(trouble),
        "first_look": troubles.first_look(trouble),
        "began_at": trouble.began_at,
        "ended_at": ended,
        "took": lasting((ended - trouble.began_at).total_seconds()) if ended else "",
    }


def _lanes(reading: Reading, now: list[Trouble]) -> dict[str, Any]:
    """Bars: what waits in each lane, and for how long the oldest of it."""
    stuck = {one.subject for one in now if one.kind == TroubleKind.LANE_STUCK}
    rows: list[dict[str, Any]] = []
    for lane in Lane:
        oldest = reading.oldest.get(lane)
        waiting = _numbers(one for one in reading.waiting if one.lane == lane)[0]
        if oldest is not None:
            hint = _("The oldest has been due for %(time)s") % {"time": lasting(oldest)}
        else:
            hint = _("Being sent, or waiting for another try") if waiting else _("Nothing waits")
        rows.append(
            {
                "label": lane.label,
                "value": waiting,
                "hint": hint,
                "tone": "danger" if str(lane.value) in stuck else "main",
            }
        )
    return {"rows": rows, "maximum": max(row["value"] for row in rows) or 1}


def _details(waiting: Iterable[Waiting]) -> list[dict[str, Any]]:
    """Groups of bars: in each lane, what is in which state, by channel."""
    channels, states = channel_labels(), dict(DeliveryState.choices)
    rows_of: dict[int, list[dict[str, Any]]] = {}
    for one in sorted(waiting, key=lambda one: (one.lane, one.channel, one.state, one.held)):
        rows_of.setdefault(one.lane, []).append(
            {
                "label": channels.get(one.channel, one.channel),
                "value": one.number,
                "hint": _("Held back") if one.held else states[one.state],
                "tone": "left-out" if one.held else "main",
            }
        )
    return [
        {
            "caption": Lane(lane).label,
            "rows": rows,
            "maximum": max(row["value"] for row in rows),
        }
        for lane, rows in rows_of.items()
    ]


def _chart(reading: Reading) -> dict[str, Any]:
    """The last hour by the minute: handed over below, not taken above; and the same as a table."""
    taken: Counter[int] = Counter()
    missed: Counter[int] = Counter()
    this_minute = reading.at.replace(second=0, microsecond=0)
    for one in reading.minutes:
        ago = round((this_minute - one.minute).total_seconds() / 60)
        if one.result == Result.ACCEPTED:
            taken[ago] += one.number
        elif one.result in _MISSED and one.provider:
            missed[ago] += one.number
    most = max((taken[ago] + missed[ago] for ago in range(MINUTES)), default=0)
    scale = CHART_HEIGHT / (most or 1)
    columns = [
        {
            "x": 100 * (MINUTES - 1 - ago) / MINUTES,
            "taken": taken[ago] * scale,
            "taken_y": CHART_HEIGHT - taken[ago] * scale,
            "missed": missed[ago] * scale,
            "missed_y": CHART_HEIGHT - (taken[ago] + missed[ago]) * scale,
        }
        for ago in range(MINUTES)
        if taken[ago] or missed[ago]
    ]
    rows = [
        {
            "until": until,
            "since": until + _TABLE_STEP,
            "taken": sum(taken[ago] for ago in range(until, until + _TABLE_STEP)),
            "missed": sum(missed[ago] for ago in range(until, until + _TABLE_STEP)),
        }
        for until in range(0, MINUTES, _TABLE_STEP)
    ]
    return {
        "columns": columns,
        "rows": rows,
        "most": most,
        "height": CHART_HEIGHT,
        "width": 100 / MINUTES - 0.25,
    }


def _provider(reading: Reading, key: str) -> dict[str, Any]:
    """One provider: whether it is used, what it answered in the last hour, and its errors."""
    channel, _dot, name = key.partition(".")
    counts = [one for one in reading.minutes if one.provider == key]
    answers = {result: number_of(counts, result) for result in ANSWERS}
    codes: Counter[str] = Counter()
    for one in counts:
        if one.result in _MISSED:
            codes[one.code or one.result] += one.number
    stand = next((one for one in reading.stands if one.key == key), None)
    rests = bool(stand and stand.rests_until and stand.rests_until > reading.at)
    if stand and stand.is_open:
        tone, words = "danger", _("Fails, and is left alone")
    elif rests:
        tone, words = "warning", _("Asked us to wait")
    elif not any(answers.values()):
        tone, words = "neutral", _("Not used within the hour")
    else:
        tone, words = "success", _("Works")
    return {
        "channel": channel_labels().get(channel, channel),
        "name": name,
        "tone": tone,
        "words": words,
        "again_at": _later(stand.again_at, reading.at) if stand and stand.is_open else None,
        "rows": [
            {"label": result.label, "value": number, "hint": "", "tone": _TONES[result]}
            for result, number in answers.items()
            if number
        ],
        "maximum": max(answers.values()) or 1,
        "codes": codes.most_common(_CODES_SHOWN),
    }


def _later(moment: dt.datetime | None, now: dt.datetime) -> dt.datetime | None:
    return moment if moment is not None and moment > now else None


def _hearts(reading: Reading) -> list[dict[str, Any]]:
    late = silent(reading.hearts)
    worker = reading.hearts.get(Heart.WORKER)
    is_uncalled = (
        Heart.SCHEDULER in late and worker is not None and worker.age > SILENT_AFTER[Heart.WORKER]
    )
    names = {
        Heart.SCHEDULER: _("Scheduler"),
        Heart.WORKER: _("Workers"),
        Heart.WATCH: _("Watch over sending"),
    }
    rows = []
    for name, label in names.items():
        beat = reading.hearts.get(name)
        rows.append(
            {
                "label": label,
                "is_late": name in late or (name == Heart.WATCH and _is_unwatched(beat)),
                "is_known": beat is not None,
                "is_uncalled": name == Heart.WORKER and is_uncalled,
                "ago": lasting(beat.age) if beat else "",
                "machines": beat.machines if beat and name == Heart.WORKER else 0,
            }
        )
    return rows


def _is_unwatched(beat: Beat | None) -> bool:
    return beat is not None and beat.age > _UNWATCHED_SECONDS


def _last_minute(reading: Reading) -> list[Counted]:
    """The last whole minute, or this one where it has seen more already."""
    this_minute = reading.at.replace(second=0, microsecond=0)
    whole = [one for one in reading.lately(1) if one.minute < this_minute]
    running = [one for one in reading.lately(0) if one.minute >= this_minute]
    return max(whole, running, key=lambda counts: number_of(counts, Result.ACCEPTED))
