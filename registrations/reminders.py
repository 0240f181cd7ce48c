"""Reminders of stays: when they are due, whom they reach, and what each says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.translation import override

from notifications.enums import Channel
from notifications.models import Delivery
from notifications.ports import Opened, Withheld
from registrations.enums import ConsentPurpose, StayKind
from registrations.models import OPEN_END, ContactPoint, Person, Stay
from registrations.querysets import StayQuerySet
from registrations.summary import describe_days
from registrations.whereabouts import place_of

REMINDER: Final = "reminder"
# A few days before its last one: still time to change it, or to say that one has left.
REMINDER_DAYS = 3
# A residence without a word for so long is asked about, and asked again after as long.
YEAR = dt.timedelta(days=365)
# After so many questions in vain, and this long after the last one, the stay ends by itself.
QUESTIONS = 2
GRACE = dt.timedelta(days=60)
# Hours of the place in which reminders are sent.
_AWAKE = range(9, 20)


def awake_zones(now: dt.datetime) -> list[str]:
    """The time zones in which no telephone wakes anybody."""
    hour = now.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
    return _awake_at(hour)


@lru_cache(maxsize=48)
def _awake_at(hour: dt.datetime) -> list[str]:
    return [
        name
        for name in sorted(available_timezones())
        if hour.astimezone(ZoneInfo(name)).hour in _AWAKE
    ]


def about_to_end(now: dt.datetime) -> StayQuerySet:
    """Stays in their last days that nobody was reminded of.

    Whoever has told us of the stay in these days knows; and of a journey only its last stage is
    asked about: not every port of a cruise.
    """
    today = now.date()
    onward = Stay.objects.filter(
        person_id=OuterRef("person_id"),
        starts_on__gt=OuterRef("starts_on"),
        starts_on__lte=OuterRef("ends_on") + dt.timedelta(days=1),
        ends_on__gt=OuterRef("ends_on"),
    )
    return Stay.objects.filter(
        ~Exists(onward),
        time_zone__in=awake_zones(now),
        ends_on__range=(today, today + dt.timedelta(days=REMINDER_DAYS)),
        starts_on__lte=today,
        confirmed_at__lte=now - dt.timedelta(days=REMINDER_DAYS),
        reminded_at__isnull=True,
        planned_end__isnull=True,
    )


def unconfirmed(now: dt.datetime) -> StayQuerySet:
    """Residences without a word, and without a question, for a year."""
    return _residences(now).filter(
        Q(asked_at__isnull=True) | Q(asked_at__lte=now - YEAR),
        confirmed_at__lte=now - YEAR,
        asked_in_vain__lt=QUESTIONS,
        time_zone__in=awake_zones(now),
    )


def given_up(now: dt.datetime) -> StayQuerySet:
    """Residences of which the last question was in vain too."""
    return _residences(now).filter(asked_in_vain__gte=QUESTIONS, asked_at__lte=now - GRACE)


def may_be_reminded(stays: StayQuerySet) -> StayQuerySet:
    """Those whose person may be written to and can be, annotated with the best channel."""
    return (
        stays.filter(person__reminders_stopped_at__isnull=True, person__merged_into__isnull=True)
        .with_consent(ConsentPurpose.CRISIS_CONTACT)
        .annotate(channel=Subquery(_best_first(OuterRef("person_id")).values("channel")[:1]))
        .filter(channel__isnull=False)
    )


class ReminderSource:
    """Asked before each batch, so that an answer, a stop or a withdrawal counts at once."""

    def open(
        self, recipient_ids: Sequence[UUID], purpose: str, *, deliveries: Sequence[Delivery]
    ) -> dict[UUID, Opened | Withheld]:
        rows = {row.recipient_id: row for row in deliveries}
        answer: dict[UUID, Opened | Withheld] = {pk: Withheld("erased") for pk in recipient_ids}
        stays = list(Stay.objects.filter(pk__in=recipient_ids).select_related("person", "place"))
        people = {stay.person_id for stay in stays}
        agreed = set(
            Person.objects.filter(pk__in=people)
            .with_consent(ConsentPurpose.CRISIS_CONTACT)
            .values_list("pk", flat=True)
        )
        points = _best_points(people)
        for stay in stays:
            row = rows[stay.pk]
            point = points.get((stay.person_id, row.channel))
            if stay.person_id not in agreed:
                answer[stay.pk] = Withheld("no_consent")
            else:
                answer[stay.pk] = _why_not(stay, row) or _open(stay, point)
        return answer


def _why_not(stay: Stay, row: Delivery) -> Withheld | None:
    person = stay.person
    if person.reminders_stopped_at:
        return Withheld("stopped")
    if person.merged_into_id:
        return Withheld("merged")
    if stay.planned_end or stay.confirmed_at > row.created_at:
        return Withheld("answered")
    return None


def _open(stay: Stay, point: ContactPoint | None) -> Opened | Withheld:
    if point is None:
        return Withheld("unproved")
    language = stay.person.language
    with override(language):
        values = {"place": place_of(stay), "days": describe_days(stay.starts_on, stay.ends_on)}
    return Opened(address=point.address, language=language, values=values)


def _residences(now: dt.datetime) -> StayQuerySet:
    today = now.date()
    return Stay.objects.filter(
        Q(ends_on=OPEN_END) | Q(kind=StayKind.RESIDENCE, ends_on__gt=today),
        starts_on__lte=today,
    )


def _best_first(person: OuterRef | F | Iterable[UUID]) -> QuerySet[ContactPoint]:
    """Proved contact points: those that work abroad first, mail before text messages."""
    lookup = "person_id" if isinstance(person, F) else "person_id__in"
    return (
        ContactPoint.objects.proved()
        .filter(**{lookup: person}, replaced_at__isnull=True)
        .order_by(
            "-works_abroad",
            Case(When(channel=Channel.MAIL, then=Value(0)), default=Value(1)),
            "created_at",
            "pk",
        )
    )


def _best_points(people: set[UUID]) -> dict[tuple[UUID, str], ContactPoint]:
    best: dict[tuple[UUID, str], ContactPoint] = {}
    for point in _best_first(people):
        best.setdefault((point.person_id, point.channel), point)
    return best
