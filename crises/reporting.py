"""The figures of a notice while it goes out and the answers come in. Persons by id, never name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.timesince import timesince

from crises.enums import Choice
from crises.models import Answer, Notice, Stopped, Submission
from notifications.enums import OPEN_STATES, DeliveryState
from notifications.models import Delivery
from registrations.consents import consent_in_force
from registrations.enums import ConsentPurpose, Source
from registrations.models import Consent, Person
from registrations.references import reference_of

_LISTED = 200


@dataclass(frozen=True, slots=True)
class Asking:
    """Someone who asked for help; `later_safe` when they have since said safe, or left;
    `erased` when they have erased themselves, and only the request stays."""

    person_id: UUID
    since: datetime
    later_safe: bool
    erased: bool = False

    @property
    def reference(self) -> str:
        return reference_of(self.person_id)

    @property
    def waited(self) -> timedelta:
        return timezone.now() - self.since

    @property
    def waiting(self) -> str:
        return timesince(self.since, depth=1)


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """`total` and `open` are messages; the others are people.

    need_help, safe and left are the current answers; asked_then_safe are those among safe and left
    who had asked for help before, whose request stays open. `stopped` want no more notices of this
    crisis, or took back being contacted at all, and are not counted among the silent.
    `arrived` registered in this crisis, and `sought` were reported by relatives.
    """

    total: int = 0
    open: int = 0
    people: int = 0
    need_help: int = 0
    safe: int = 0
    left: int = 0
    asked_then_safe: int = 0
    silent: int = 0
    stopped: int = 0
    arrived: int = 0
    sought: int = 0
    by_channel: dict[str, dict[str, int]] = field(default_factory=dict)
    asking: list[Asking] = field(default_factory=list)
    asking_total: int = 0

    def in_state(self, *states: str) -> int:
        return sum(counts.get(state, 0) for counts in self.by_channel.values() for state in states)


def live_figures(notice: Notice, *, using: str = DEFAULT_DB_ALIAS) -> LiveFigures:
    """Six queries, whatever the size: deliveries, answers, who asks for help, stopped, who took
    their consent back, arrived. `using` is the database that answers them."""
    by_channel: dict[str, dict[str, int]] = {}
    mine = Delivery.objects.using(using).filter(message=notice.message_id)
    for (channel, state), number in mine.tally().items() if notice.message_id else ():
        by_channel.setdefault(channel, {})[state] = number
    told = Delivery.objects.filter(message=notice.message_id, subject_id=OuterRef("person_id"))
    current = Answer.objects.using(using).current().filter(crisis=notice.crisis_id)
    counts = current.aggregate(
        need_help=Count("pk", filter=Q(choice=Choice.NEED_HELP)),
        safe=Count("pk", filter=Q(choice=Choice.SAFE)),
        left=Count("pk", filter=Q(choice=Choice.LEFT)),
        asking_total=Count("pk", filter=Q(help_asked_at__isnull=False)),
        asked_then_safe=Count(
            "pk", filter=Q(help_asked_at__isnull=False) & ~Q(choice=Choice.NEED_HELP)
        ),
        told=Count("pk", filter=Exists(told)),
    )
    told_and_answered = counts.pop("told")
    asking = [
        Asking(person_id, since, choice != Choice.NEED_HELP, erased_at is not None)
        for person_id, since, choice, erased_at in current.filter(help_asked_at__isnull=False)
        .order_by("help_asked_at", "pk")
        .values_list("person_id", "help_asked_at", "choice", "erased_at")[:_LISTED]
        if since is not None
    ]
    stopped = (
        Stopped.objects.using(using)
        .filter(Exists(told), crisis=notice.crisis_id)
        .annotate(answered=Exists(current.filter(person_id=OuterRef("person_id"))))
        .aggregate(all=Count("pk"), unanswered=Count("pk", filter=Q(answered=False)))
    )
    withdrawn = _withdrawn(notice, told, current, using)
    sent = Submission.objects.filter(crisis=notice.crisis_id).values("person_id")
    there = Person.objects.using(using).filter(pk__in=sent, merged_into__isnull=True)
    arrived = there.aggregate(
        arrived=Count("pk", filter=Q(source=Source.CRISIS)),
        sought=Count("pk", filter=Q(source=Source.RELATIVE)),
    )
    people = notice.frozen_people or 0
    figures = LiveFigures(
        people=people,
        silent=max(
            0,
            people - notice.erased_people - told_and_answered - stopped["unanswered"] - withdrawn,
        ),
        stopped=stopped["all"] + withdrawn,
        by_channel=by_channel,
        asking=asking,
        total=sum(sum(states.values()) for states in by_channel.values()),
        open=sum(
            number
            for states in by_channel.values()
            for state, number in states.items()
            if DeliveryState(state) in OPEN_STATES
        ),
        **counts,
        **arrived,
    )
    return figures


def _withdrawn(
    notice: Notice, told: QuerySet[Delivery], current: QuerySet[Answer], using: str
) -> int:
    """People of the notice who took back being contacted since, and said nothing else."""
    if notice.frozen_at is None:
        return 0
    person = OuterRef("person_id")
    return (
        Consent.objects.using(using)
        .filter(
            Exists(told),
            ~consent_in_force(ConsentPurpose.CRISIS_CONTACT, person),
            ~Exists(current.filter(person_id=person)),
            ~Exists(Stopped.objects.filter(crisis=notice.crisis_id, person_id=person)),
            purpose=ConsentPurpose.CRISIS_CONTACT,
            withdrawn_at__gte=notice.frozen_at,
        )
        .values("person_id")
        .distinct()
        .count()
    )
