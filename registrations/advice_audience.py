"""Who is told of changed advice: who asked for it and has a current or coming stay there."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import Case, Exists, OuterRef, Value, When
from django.utils import timezone

from advisories.announced import countries_of
from geography.countries import country_name
from notifications.actions.preparation import Rows
from notifications.enums import Channel
from notifications.models import Delivery
from notifications.ports import Opened, Withheld
from registrations.enums import ConsentPurpose
from registrations.models import ContactPoint, Stay
from registrations.sources import open_contacts

# Between the names of a list, which each script writes its own way.
_COMMA = {"ar": "، "}


def advice_audience(countries: Collection[str]) -> Rows:
    """One row for each person: their best proved contact point, mail before SMS.

    (recipient_id, subject_id, channel, language), as `notifications.actions.freeze` takes it.
    """
    stays = Stay.objects.filter(
        person=OuterRef("person_id"), country__in=sorted(countries), ends_on__gte=_earliest_end()
    )
    return (
        ContactPoint.objects.proved()
        .with_consent(ConsentPurpose.ADVICE)
        .filter(Exists(stays), replaced_at__isnull=True, person__merged_into__isnull=True)
        .order_by(
            "person_id",
            Case(When(channel=Channel.MAIL, then=Value(0)), default=Value(1)),
            "-works_abroad",
            "verified_at",
            "pk",
        )
        .distinct("person_id")
        .values_list("pk", "person_id", "channel", "person__language")
    )


class AdviceSource:
    """Asked before each batch, so that a withdrawn consent or an ended stay counts at once.

    Fills in `place`: the countries of this message to which this person goes.
    """

    def open(
        self, recipient_ids: Sequence[UUID], purpose: str, *, deliveries: Sequence[Delivery]
    ) -> dict[UUID, Opened | Withheld]:
        told = countries_of(row.message_id for row in deliveries)
        visited = _countries_visited(recipient_ids, set().union(*told.values()))
        opened = open_contacts(recipient_ids, purpose)
        answer: dict[UUID, Opened | Withheld] = {}
        for row in deliveries:
            found = opened.get(row.recipient_id, Withheld("erased"))
            codes = told.get(row.message_id, frozenset()) & visited[row.recipient_id]
            if isinstance(found, Opened):
                found = (
                    Opened(found.address, found.language, {"place": _named(codes, found.language)})
                    if codes
                    else Withheld("not_going_there")
                )
            answer[row.recipient_id] = found
        return answer


def _countries_visited(
    contact_point_ids: Sequence[UUID], countries: Collection[str]
) -> dict[UUID, set[str]]:
    """By contact point, those of the countries in which its person has a stay now or to come."""
    visited: dict[UUID, set[str]] = defaultdict(set)
    people = dict(
        ContactPoint.objects.filter(
            pk__in=contact_point_ids, person__merged_into__isnull=True
        ).values_list("pk", "person_id")
    )
    by_person: dict[UUID, set[str]] = defaultdict(set)
    for person_id, country in Stay.objects.filter(
        person__in=set(people.values()),
        country__in=sorted(countries),
        ends_on__gte=_earliest_end(),
    ).values_list("person_id", "country"):
        by_person[person_id].add(country)
    for contact_point_id, person_id in people.items():
        visited[contact_point_id] = by_person[person_id]
    return visited


def _earliest_end() -> dt.date:
    # A day's grace: where they are it may still be yesterday.
    return timezone.now().date() - dt.timedelta(days=1)


def _named(codes: Collection[str], language: str) -> str:
    names = sorted(country_name(code, language) for code in codes)
    return _COMMA.get(language, ", ").join(names)
