"""Who is written to: from an area, a window and classes to contact points, and their counts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When

from crises.enums import Confidence, Match, NoticeKind
from crises.models import Answer, Notice, Stopped, Submission
from geography.areas import Area, places_touching
from notifications.enums import OPEN_STATES, REACHED_STATES
from notifications.models import Delivery
from registrations.consents import consent_in_force, points_of_the_unproved
from registrations.enums import ConsentPurpose
from registrations.models import ContactPoint, FocalPoint, Person, Stay
from registrations.selection import countries_touching, is_whole_countries

# Whoever is withheld, cancelled or failed to be reached was not written to.
_WRITTEN_TO = sorted(OPEN_STATES | REACHED_STATES)


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


def stays(
    area: Area,
    start: datetime,
    end: datetime,
    *,
    include_expired: bool,
    crisis_id: UUID | None = None,
) -> Any:
    """A query set of the stays of those who agreed to be contacted, with what was annotated:
    `sureness` (a Match) and `confidence`.

    A stay that overlaps the window only by the day added for time zones is "possibly" inside, and
    so is the stay without a town of whoever registered in this very crisis.
    """
    found = _said(area, start, end, include_expired=include_expired, crisis_id=crisis_id)
    return found.with_consent(ConsentPurpose.CRISIS_CONTACT)


def _said(
    area: Area, start: datetime, end: datetime, *, include_expired: bool, crisis_id: UUID | None
) -> Any:
    """The same of everybody, whoever said it: nobody is written to by this alone."""
    return (
        Stay.objects.in_area(area)
        .during(start, end, include_expired=include_expired)
        .annotate(
            sureness=Case(
                When(match=Match.INSIDE, day_doubt=True, then=Value(Match.POSSIBLY.value)),
                When(_arrived(crisis_id), then=Value(Match.POSSIBLY.value)),
                default=F("match"),
            )
        )
    )


def _arrived(crisis_id: UUID | None) -> Q:
    """Somewhere in the country, of someone who said that they are in the crisis."""
    sent = Submission.objects.filter(crisis=crisis_id).values("person_id")
    # Merged since, the stay hangs on the registration that was kept.
    kept = Person.objects.filter(absorbed__in=sent).values("pk")
    return Q(Q(person_id__in=sent) | Q(person_id__in=kept), match=Match.SOMEWHERE)


def focal_points(area: Area) -> Any:
    """A query set of the focal points there who agreed to be contacted, with `sureness`, a Match.

    One is possibly inside where their town's disc and the area touch, else somewhere in a country
    that it touches; in an area made of countries all of those countries' are inside. They gave
    no days, so that a notice's window leaves none of them out.
    """
    agreed = consent_in_force(ConsentPurpose.CRISIS_CONTACT, OuterRef("person_id"))
    whole = list(area.country_codes)
    if is_whole_countries(area):
        return FocalPoint.objects.filter(agreed, country__in=whole).annotate(
            sureness=Value(Match.INSIDE.value)
        )
    touching = places_touching(area)
    return FocalPoint.objects.filter(
        agreed, Q(place__in=touching) | Q(country__in=countries_touching(area))
    ).annotate(
        sureness=Case(
            When(country__in=whole, then=Value(Match.INSIDE.value)),
            When(place__in=touching, then=Value(Match.POSSIBLY.value)),
            default=Value(Match.SOMEWHERE.value),
        )
    )


def audience(
    area: Area,
    start: datetime,
    end: datetime,
    classes: Collection[str],
    *,
    kind: NoticeKind = NoticeKind.NOTICE,
    crisis_id: UUID | None = None,
) -> QuerySet[ContactPoint]:
    """The proved contact points of everyone with a stay in one of the classes.

    Of kind RELAY: those of the focal points there.
    """
    if kind == NoticeKind.RELAY:
        matches = [value for value in Match.values if value in classes]
        chosen = focal_points(area).filter(sureness__in=matches)
        return ContactPoint.objects.proved().filter(person__in=chosen.values("person_id"))
    with_expired = Confidence.EXPIRED in classes
    found = stays(area, start, end, include_expired=with_expired, crisis_id=crisis_id)
    included = _of_classes(found, classes, crisis_id)
    return ContactPoint.objects.proved().filter(person__in=included.values("person_id"))


def reported_audience(
    area: Area,
    start: datetime,
    end: datetime,
    classes: Collection[str],
    *,
    crisis_id: UUID,
) -> QuerySet[ContactPoint]:
    """The class "reported by others, not proved": addresses of people said to be there who never
    agreed themselves, or whose address nobody has proved.

    Left out of every notice unless its approval includes them on vital interest, and then once
    for each address and crisis, save who answered: anybody may report any number of people with
    an address that is a stranger's.
    """
    found = _reported(area, start, end, classes, crisis_id=crisis_id)
    return found.order_by("address_index", "pk").distinct("address_index")


def _reported(
    area: Area,
    start: datetime,
    end: datetime,
    classes: Collection[str],
    *,
    crisis_id: UUID,
) -> QuerySet[ContactPoint]:
    """The same, with an address as often as it was given."""
    with_expired = Confidence.EXPIRED in classes
    found = _said(area, start, end, include_expired=with_expired, crisis_id=crisis_id)
    included = _of_classes(found, classes, crisis_id)
    return (
        points_of_the_unproved()
        .filter(person__in=included.values("person_id"))
        .exclude(_whose_owner_stopped(crisis_id))
        .exclude(
            warned_before(crisis_id),
            ~Exists(Answer.objects.filter(crisis=crisis_id, person_id=OuterRef("person_id"))),
        )
    )


def _whose_owner_stopped(crisis_id: UUID) -> Q:
    """A condition on contact points: someone with this address wants no more of this crisis."""
    stopped = Stopped.objects.filter(crisis=crisis_id).values("person_id")
    points = ContactPoint.objects.filter(person__in=stopped)
    return Q(address_index__in=points.values("address_index"))


def warned_before(crisis_id: UUID, moment: datetime | None = None) -> Q:
    """A condition on contact points: their address was, or will be, written to by a notice on
    vital interest, under whatever name it was given. With `moment`, by one fixed before it."""
    notices = Notice.objects.filter(crisis=crisis_id, vital_interest=True, message__isnull=False)
    if moment is not None:
        notices = notices.filter(frozen_at__lt=moment)
    told = Delivery.objects.filter(
        message_id__in=notices.values("message_id"), state__in=_WRITTEN_TO
    )
    points = ContactPoint.objects.filter(pk__in=told.values("recipient_id"))
    return Q(address_index__in=points.values("address_index"))


def _of_classes(included: Any, classes: Collection[str], crisis_id: UUID | None) -> Any:
    matches = [value for value in Match.values if value in classes]
    confidences = [value for value in Confidence.values if value in classes]
    # Telling a class apart costs each row a look at its time zone: ask only what divides.
    if {Match.INSIDE, Match.POSSIBLY} <= set(matches):
        included = included.filter(Q(match__in=matches) | _arrived(crisis_id))
    else:
        included = included.filter(sureness__in=matches)
    if not {Confidence.CONFIRMED, Confidence.STALE} <= set(confidences):
        included = included.filter(confidence__in=confidences)
    return included


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
        reported = _reported(area, start, end, classes, crisis_id=crisis_id).aggregate(
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
