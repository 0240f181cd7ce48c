"""How many would be written to, by class, language, channel, place and hexagon: one statement."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Value

from crises.audience import focal_points, left_out, reported_points, stays
from crises.density import Hexagon, named, parent_sql, resolution_for
from crises.enums import Confidence, Match, NoticeKind
from crises.models import Submission
from geography.areas import Area
from registrations.models import ContactPoint, Person


@dataclass(frozen=True, slots=True)
class Preview:
    """`people` would be written to or are unreachable; `messages` is what would be sent.

    by_match and by_confidence hold, of each class in `chosen`, how many people are included
    through it (by their surest and freshest stay), and of each that is left out, how many more
    there would be with it. The others count those included. by_region has keys as in
    geography.regions ("MX.05").
    """

    people: int = 0
    messages: int = 0
    unreachable: int = 0
    # Messages that go to an address which another one goes to as well: a family's one telephone.
    duplicates: int = 0
    # Found there, and in none of the chosen classes; None where that was not asked.
    left_out: int | None = 0
    # Of the class that is left out: people reported by others, or not proved, and their addresses.
    reported_people: int = 0
    reported_messages: int = 0
    chosen: frozenset[str] = frozenset()
    # In the chosen classes, and not written to for what they said themselves: by LeftOut.
    by_reason: dict[str, int] = field(default_factory=dict)
    by_match: dict[str, int] = field(default_factory=dict)
    by_confidence: dict[str, int] = field(default_factory=dict)
    by_language: dict[str, int] = field(default_factory=dict)
    by_channel: dict[str, int] = field(default_factory=dict)
    by_country: dict[str, int] = field(default_factory=dict)
    by_region: dict[str, int] = field(default_factory=dict)
    # Of at least settings.SMALLEST_CELL people each, the fullest first.
    hexagons: tuple[Hexagon, ...] = ()

    @property
    def not_drawn(self) -> int:
        """Included, and in no hexagon: known by no town, or among too few to be shown."""
        return self.people - sum(hexagon.people for hexagon in self.hexagons)


def preview(
    area: Area,
    start: datetime,
    end: datetime,
    classes: Collection[str],
    *,
    kind: NoticeKind = NoticeKind.NOTICE,
    crisis_id: UUID | None = None,
    in_full: bool = True,
) -> Preview:
    """Count the audience in one statement, whatever its size.

    Not in_full leaves out what takes reading everybody known only by the country: who is left out
    and why. It answers while an area is drawn.
    """
    found: QuerySet[Any]
    is_relay = kind == NoticeKind.RELAY
    if is_relay:
        # They agreed once for all: every one of them counts as confirmed.
        found = focal_points(area, crisis_id=crisis_id).annotate(
            confidence=Value(Confidence.CONFIRMED.value),
            region=F("place__admin1"),
            hexagon_cell=F("place__cell"),
        )
        columns = ("region", "hexagon_cell")
        classes = [*classes, Confidence.CONFIRMED.value]
    else:
        with_expired = in_full or Confidence.EXPIRED in classes
        found = stays(area, start, end, include_expired=with_expired, crisis_id=crisis_id)
        if not in_full:
            found = found.filter(_of_matches(classes, crisis_id))
        columns = ("admin1", "cell")
    counts = _count(
        found.values_list("person_id", "sureness", "confidence", "country", *columns), area, classes
    )

    def total(kind: str) -> int:
        return counts.get(kind, {}).get("", 0)

    messages = sum(counts.get("channel", {}).values())
    reported = {"people": 0, "messages": 0}
    if not is_relay and crisis_id is not None and in_full:
        reported = reported_points(area, start, end, classes, crisis_id=crisis_id).aggregate(
            people=Count("person_id", distinct=True),
            messages=Count("address_index", distinct=True),
        )
    return Preview(
        by_reason={}
        if crisis_id is None or not in_full
        else left_out(area, start, end, classes, crisis_id=crisis_id, kind=kind),
        reported_people=reported["people"],
        reported_messages=reported["messages"],
        people=total("people"),
        messages=messages,
        unreachable=total("people") - total("reached"),
        duplicates=messages - total("addresses"),
        left_out=total("left_out") if in_full else None,
        chosen=frozenset(classes),
        by_match=_in_order(counts.get("match", {}), Match.values),
        by_confidence=_in_order(counts.get("confidence", {}), Confidence.values),
        by_language=counts.get("language", {}),
        by_channel=counts.get("channel", {}),
        by_country=counts.get("country", {}),
        by_region=counts.get("region", {}),
        hexagons=tuple(
            named({int(cell): number for cell, number in counts.get("hexagon", {}).items()})
        ),
    )


def _of_matches(classes: Collection[str], crisis_id: UUID | None) -> Q:
    """Stays of these classes, before their days are looked at, and of whoever said so just now.

    Of a class that is not among them PostgreSQL then reads nothing.
    """
    of_classes = Q(match__in=[value for value in Match.values if value in classes])
    if Match.POSSIBLY in classes:
        # A day's doubt makes possible what lies inside.
        of_classes |= Q(match=Match.INSIDE)
        sent = Submission.objects.filter(crisis=crisis_id).exists() if crisis_id else False
        if sent:
            return Q()
    return of_classes


def _count(found: Any, area: Area, classes: Collection[str]) -> dict[str, dict[str, int]]:
    stays_sql, stays_params = found.query.sql_with_params()
    statement = _PREVIEW.format(
        stays=stays_sql,
        contact_points=ContactPoint._meta.db_table,
        people=Person._meta.db_table,
        hexagon=parent_sql("cell", resolution_for(area)),
    )
    params = [
        *stays_params,
        Match.values,
        Confidence.values,
        [value for value in Match.values if value in classes],
        [value for value in Confidence.values if value in classes],
        len(Match.values),
        len(Confidence.values),
        settings.SMALLEST_CELL,
    ]
    counts: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        for kind, key, number in cursor.fetchall():
            counts.setdefault(kind, {})[key] = number
    return counts


def _in_order(counts: dict[str, int], values: list[str]) -> dict[str, int]:
    """Counts by 1-based rank, as counts by word, the surest first."""
    return {
        value: counts[str(rank)]
        for rank, value in enumerate(values, start=1)
        if str(rank) in counts
    }


# Each person once, by the surest and freshest of their stays there. `more_matches` and
# `more_confidences` have the bit of each class that would include them, were it chosen too.
_PREVIEW = """
WITH stays (person_id, sureness, confidence, country, admin1, cell) AS MATERIALIZED ({stays}),
ranked AS (
    SELECT person_id, country, admin1, cell,
        array_position(%s::text[], sureness::text) AS sureness_rank,
        array_position(%s::text[], confidence::text) AS confidence_rank,
        sureness = ANY(%s::text[]) AS is_sure, confidence = ANY(%s::text[]) AS is_fresh
    FROM stays
), people AS MATERIALIZED (
    SELECT person_id, bool_or(is_sure AND is_fresh) AS included,
        min(sureness_rank) FILTER (WHERE is_sure AND is_fresh) AS sureness_rank,
        min(confidence_rank) FILTER (WHERE is_sure AND is_fresh) AS confidence_rank,
        bit_or(1 << sureness_rank) FILTER (WHERE is_fresh AND NOT is_sure) AS more_matches,
        bit_or(1 << confidence_rank) FILTER (WHERE is_sure AND NOT is_fresh) AS more_confidences,
        min(country || '.' || coalesce(admin1, ''))
            FILTER (WHERE is_sure AND is_fresh) AS region,
        min(cell) FILTER (WHERE is_sure AND is_fresh) AS cell
    FROM ranked GROUP BY person_id
), points AS MATERIALIZED (
    SELECT point.person_id, point.channel, point.address_index
    FROM people JOIN {contact_points} AS point USING (person_id)
    WHERE people.included AND point.verified_at IS NOT NULL
)
SELECT 'match', sureness_rank::text, count(*) FROM people WHERE included GROUP BY 2
UNION ALL SELECT 'match', rank::text, count(*)
    FROM people JOIN generate_series(1, %s) AS rank ON more_matches >> rank & 1 = 1
    WHERE NOT included GROUP BY 2
UNION ALL SELECT 'confidence', confidence_rank::text, count(*)
    FROM people WHERE included GROUP BY 2
UNION ALL SELECT 'confidence', rank::text, count(*)
    FROM people JOIN generate_series(1, %s) AS rank ON more_confidences >> rank & 1 = 1
    WHERE NOT included GROUP BY 2
UNION ALL SELECT 'people', '', count(*) FROM people WHERE included
UNION ALL SELECT 'left_out', '', count(*) FROM people WHERE NOT included
UNION ALL SELECT 'country', split_part(region, '.', 1), count(*) FROM people
    WHERE included AND region NOT LIKE '.%%' GROUP BY 2
UNION ALL SELECT 'region', region, count(*) FROM people
    WHERE included AND region NOT LIKE '.%%' GROUP BY 2
UNION ALL SELECT 'hexagon', {hexagon}::text, count(*) FROM people
    WHERE included AND cell IS NOT NULL GROUP BY 2 HAVING count(*) >= %s
UNION ALL SELECT 'language', person.language, count(*)
    FROM people JOIN {people} AS person ON person.id = people.person_id
    WHERE included GROUP BY 2
UNION ALL SELECT 'channel', channel, count(*) FROM points GROUP BY 2
UNION ALL SELECT 'reached', '', count(DISTINCT person_id) FROM points
UNION ALL SELECT 'addresses', '', count(DISTINCT address_index) FROM points
"""
