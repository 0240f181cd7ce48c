"""THE table of what an act in the ledger means for an alarm. Whatever is not here reads nobody.

A test demands a line for each action whose name says read, find, compare, preview, export,
download or search.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.conf import settings

from oversight.enums import AlarmKind


class Act(StrEnum):
    """What kind of reading an act is."""

    READING = "reading"  # Somebody saw who a person is.
    COMPARING = "comparing"  # Two people side by side, to find whoever is entered twice.
    PREVIEW = "preview"  # A number of people in an area.
    EXPORT = "export"  # Everything, in a file.
    ALONE = "alone"  # A notice that its author approved.
    OWN = "own"  # A person's own data.
    NOBODY = "nobody"  # Reads, but no person.


ACTS: dict[str, Act] = {
    "person.read": Act.READING,  # With the page of likenesses: COMPARING.
    "person.find": Act.READING,
    "answer.read_kept": Act.READING,
    "reply.read": Act.READING,
    "audience.preview": Act.PREVIEW,
    "audience.count": Act.PREVIEW,  # Its digest is of the hexagons, not of the drawing.
    "registration.export": Act.EXPORT,
    "notice.break_glass": Act.ALONE,
    # A freeze shows nobody to anybody: it is the sending.
    "notice.freeze": Act.NOBODY,
    "registration.download": Act.OWN,
    "registration.read_access_log": Act.OWN,
    "api.read_crises": Act.NOBODY,
    "api.refuse_read_crises": Act.NOBODY,
    "ledger.overview": Act.NOBODY,
    "ledger.search": Act.NOBODY,
    "ledger.read_entry": Act.NOBODY,
    "ledger.download": Act.NOBODY,
    "alarm.read": Act.NOBODY,
}
# Who sees people by it: what "readings of people only" means.
SEES_PEOPLE = frozenset({Act.READING, Act.COMPARING, Act.EXPORT})


class Counts(StrEnum):
    PEOPLE = "people"
    AREAS = "areas"
    ACTS = "acts"


@dataclass(frozen=True, slots=True)
class Rule:
    """More than `limit` of what is counted, by one actor within the window, raise an alarm."""

    kind: AlarmKind
    act: Act
    counts: Counts
    window: dt.timedelta
    # The name of a setting in ALARM_LIMITS; without one, the first act raises the alarm.
    limit_name: str = ""
    only_in_calm: bool = False

    @property
    def limit(self) -> int:
        return int(settings.ALARM_LIMITS[self.limit_name]) if self.limit_name else 0


_HOUR, _DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
RULES = (
    Rule(AlarmKind.READ_IN_HOUR, Act.READING, Counts.PEOPLE, _HOUR, "reads_per_hour"),
    Rule(AlarmKind.READ_IN_DAY, Act.READING, Counts.PEOPLE, _DAY, "reads_per_day"),
    Rule(
        AlarmKind.READ_IN_CALM, Act.READING, Counts.PEOPLE, _DAY, "calm_reads_per_day",
        only_in_calm=True,
    ),
    Rule(AlarmKind.COMPARED, Act.COMPARING, Counts.PEOPLE, _DAY, "comparisons_per_day"),
    Rule(AlarmKind.COUNTED_SMALL, Act.PREVIEW, Counts.AREAS, _DAY, "small_areas_per_day"),
    Rule(AlarmKind.EXPORTED, Act.EXPORT, Counts.ACTS, _DAY),
    Rule(AlarmKind.APPROVED_ALONE, Act.ALONE, Counts.ACTS, _DAY),
)  # fmt: skip
# An area with fewer people than this is one in which somebody can be singled out.
SMALL_AREA = 10


def act_of(action: str, details: Mapping[str, Any]) -> Act | None:
    """What an entry is, or None where it reads nobody."""
    if action == "person.read" and details.get("page") == "duplicates":
        return Act.COMPARING
    return ACTS.get(action)


def actions_of(*acts: Act) -> list[str]:
    """Names of the actions that may be one of these."""
    wanted = {Act.READING if act is Act.COMPARING else act for act in acts}
    return sorted(action for action, act in ACTS.items() if act in wanted)
