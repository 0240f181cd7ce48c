"""What is wrong with sending, told from one reading. Pure: it reads and writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from notifications.enums import DeliveryState, Lane
from notifications.watching.enums import ANSWERS, Heart, Result, TroubleKind
from notifications.watching.heartbeats import silent
from notifications.watching.readings import Reading, number_of

# Seconds that the oldest due row of a lane may wait while nothing of the lane goes out.
LONGEST_WAIT: dict[int, float] = {Lane.CRISIS: 60, Lane.VERIFICATION: 60, Lane.ADVICE: 3600}
# What goes out, but so slowly that the oldest waits this many times as long, is stuck as well.
_SLOW = 10
# A channel that was tried for so many minutes without handing anything over, while so many
# messages wait: a few may be the recipients' own fault.
_TRIED_MINUTES = 5
_WAITING_ATLEAST = 10
# Doubts of one provider within so many minutes: so many, and so large a part of its answers.
_DOUBT_MINUTES = 10
_DOUBTS_ATLEAST = 50
_DOUBTS_SHARE = 0.1

_SILENT_KINDS = {
    Heart.SCHEDULER: TroubleKind.SCHEDULER_SILENT,
    Heart.WORKER: TroubleKind.WORKERS_SILENT,
}


@dataclass(slots=True, frozen=True)
class Found:
    """One thing that is wrong now: which lane, channel or provider, and its figure."""

    kind: TroubleKind
    subject: str
    figure: int


def troubles(reading: Reading) -> list[Found]:
    return [
        *_stuck_lanes(reading),
        *_silent_channels(reading),
        *_open_circuits(reading),
        *_doubts(reading),
        *_silent_hearts(reading),
    ]


def _stuck_lanes(reading: Reading) -> Iterator[Found]:
    flowing = {one.lane for one in reading.lately(1) if one.result == Result.ACCEPTED}
    for lane, seconds in reading.oldest.items():
        limit = LONGEST_WAIT[lane] * (_SLOW if lane in flowing else 1)
        if seconds > limit:
            yield Found(TroubleKind.LANE_STUCK, str(lane), int(seconds))


def _silent_channels(reading: Reading) -> Iterator[Found]:
    lately = reading.lately(_TRIED_MINUTES)
    for channel in sorted({one.channel for one in reading.waiting}):
        waiting = sum(
            one.number
            for one in reading.waiting
            if one.channel == channel and not one.held and one.state != DeliveryState.UNCERTAIN
        )
        answers = [one for one in lately if one.channel == channel]
        tried = number_of(answers, *ANSWERS)
        if waiting >= _WAITING_ATLEAST and tried and not number_of(answers, Result.ACCEPTED):
            yield Found(TroubleKind.CHANNEL_SILENT, channel, waiting)


def _open_circuits(reading: Reading) -> Iterator[Found]:
    for stand in reading.stands:
        if stand.is_open:
            yield Found(TroubleKind.PROVIDER_DOWN, stand.key, stand.failures)


def _doubts(reading: Reading) -> Iterator[Found]:
    lately = reading.lately(_DOUBT_MINUTES)
    for provider in sorted({one.provider for one in lately}):
        answers = [one for one in lately if one.provider == provider]
        doubts = number_of(answers, Result.UNCERTAIN)
        if doubts >= _DOUBTS_ATLEAST and doubts > _DOUBTS_SHARE * number_of(answers, *ANSWERS):
            yield Found(TroubleKind.DOUBTS, provider, doubts)


def _silent_hearts(reading: Reading) -> Iterator[Found]:
    for name, found in silent(reading.hearts).items():
        yield Found(_SILENT_KINDS[name], "", int(found.age))
