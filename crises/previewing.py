"""How many would be written to, by class, language, channel and place: one statement."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, QuerySet, Value

from crises.audience import focal_points, reported_points, stays
from crises.enums import Confidence, Match, NoticeKind
from geography.areas import Area
from registrations.models import ContactPoint, Person


@dataclass(frozen=True, slots=True)
class Preview:
    """`people` would be written to or are unreachable; `messages` is what would be sent.

    by_match and by_confidence count everybody found, by their surest stay, so that what a choice
    of classes leaves out can be seen; the others count those included.
    """

    people: int = 0
    messages: int = 0
    unreachable: int = 0
    # Messages that go to an address which another one goes to as well: a family's one telephone.
    duplicates: int = 0
    # Of the class that is left out: people reported by others, or not proved, and their addresses.
    reported_people: int = 0
    reported_messages: int = 0
    by_match: dict[str, int] = field(default_factory=dict)
    by_confidence: dict[str, int] = field(default_factory=dict)
    by_language: dict[str, int] = field(default_factory=dict)
    by_channel: dict[str, int] = field(default_factory=dict)
    by_country: dict[str, int] = field(default_factory=dict)


def preview(
    area: Area,
    start: datetime,
    end: datetime,
    classes: Collection[str],
    *,
    kind: NoticeKind = NoticeKind.NOTICE,
    crisis_id: UUID | None = None,
) -> Preview:
    """Count the audience in one query, whatever its size."""
    found: QuerySet[Any]
    is_relay = kind == NoticeKind.RELAY
    if is_relay:
        # They agreed once for all: every one of them counts as confirmed.
        found = focal_points(area).annotate(confidence=Value(Confidence.CONFIRMED.value))
        classes = [*classes, Confidence.CONFIRMED.value]
    else:
        found = stays(area, start, end, include_expired=True, crisis_id=crisis_id)
    stays_sql, stays_params = found.values_list(
        "person_id", "sureness", "confidence", "country"
    ).query.sql_with_params()
    statement = _PREVIEW.format(
        stays=stays_sql,
        contact_points=ContactPoint._meta.db_table,
        people=Person._meta.db_table,
    )
    params = [
        *stays_params,
        Match.values,
        Confidence.values,
        [value for value in Match.values if value in classes],
        [value for value in Confidence.values if value in classes],
    ]
    counts: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        for kind, key, number in cursor.fetchall():
            counts.setdefault(kind, {})[key] = number

    def total(kind: str) -> int:
        return counts.get(kind, {}).get("", 0)

    messages = sum(counts.get("channel", {}).values())
    reported = {"people": 0, "messages": 0}
    if not is_relay and crisis_id is not None:
        reported = reported_points(area, start, end, classes, crisis_id=crisis_id).aggregate(
            people=Count("person_id", distinct=True),
            messages=Count("address_index", distinct=True),
        )
    return Preview(
        reported_people=reported["people"],
        reported_messages=reported["messages"],
        people=total("people"),
        messages=messages,
        unreachable=total("people") - total("reached"),
        duplicates=messages - total("addresses"),
        by_match=_in_order(counts.get("match", {}), Match.values),
        by_confidence=_in_order(counts.get("confidence", {}), Confidence.values),
        by_language=counts.get("language", {}),
        by_channel=counts.get("channel", {}),
        by_country=counts.get("country", {}),
    )


def _in_order(counts: dict[str, int], values: list[str]) -> dict[str, int]:
    """Counts by 1-based rank, as counts by word, the surest first."""
    return {
        value: counts[str(rank)]
        for rank, value in enumerate(values, start=1)
        if str(rank) in counts
    }


# Each person once, by the surest and most believable of their stays there.
_PREVIEW = """
WITH stays (person_id, sureness, confidence, country) AS MATERIALIZED ({stays}),
ranked AS (
    SELECT person_id, country,
        array_position(%s::text[], sureness::text) AS sureness_rank,
        array_position(%s::text[], confidence::text) AS confidence_rank,
        sureness = ANY(%s::text[]) AND confidence = ANY(%s::text[]) AS included
    FROM stays
), people AS MATERIALIZED (
    SELECT person_id, min(sureness_rank) AS sureness_rank,
        min(confidence_rank) AS confidence_rank, bool_or(included) AS included,
        min(country) FILTER (WHERE included) AS country
    FROM ranked GROUP BY person_id
), points AS MATERIALIZED (
    SELECT point.person_id, point.channel, point.address_index
    FROM people JOIN {contact_points} AS point USING (person_id)
    WHERE people.included AND point.verified_at IS NOT NULL
)
SELECT 'match', sureness_rank::text, count(*) FROM people GROUP BY 2
UNION ALL SELECT 'confidence', confidence_rank::text, count(*) FROM people GROUP BY 2
UNION ALL SELECT 'people', '', count(*) FROM people WHERE included
UNION ALL SELECT 'country', country, count(*) FROM people
    WHERE included AND country <> '' GROUP BY 2
UNION ALL SELECT 'language', person.language, count(*)
    FROM people JOIN {people} AS person ON person.id = people.person_id
    WHERE included GROUP BY 2
UNION ALL SELECT 'channel', channel, count(*) FROM points GROUP BY 2
UNION ALL SELECT 'reached', '', count(DISTINCT person_id) FROM points
UNION ALL SELECT 'addresses', '', count(DISTINCT address_index) FROM points
"""
