"""Several stays of one person: which they have moved on from, and which they said they left."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.lookups import Exact, In
from django.utils import timezone

from geography.regions import NO_REGION
from registrations.enums import Precision, StayKind
from registrations.windows import Window

if TYPE_CHECKING:
    from registrations.models import Stay

_ONE = dt.timedelta(days=1)


def still_there(window: Window) -> Q:
    """A condition on stays that touch a window: the person is not known to be gone from there.

    Gone is who said that they have left, once the window reaches that day; and who has moved on:
    the stay ended before the window (it matches by the day's doubt, or as expired) while another
    of theirs, elsewhere, has begun when the window does and goes on into it, by the calendar of
    that place. Stays that overlap in the window count in both places. A residence begun earlier
    is no stage of a journey: who lives elsewhere may still be here.

    Only stays that end before the window, or by tomorrow, are asked about, so that the many others
    cost nothing.
    """
    begins = window.start.astimezone(dt.UTC).date()
    doubtful_until = max(begins, timezone.now().astimezone(dt.UTC).date()) + _ONE
    return Q(ends_on__gt=doubtful_until) | Q(Exists(_same_days(window)))


def has_left(window: Window) -> Q:
    """A condition on stays: the person said that they left it, before the window's end."""
    left = Q(planned_end__isnull=False)
    if window.end >= timezone.now():
        return left
    # Of a window that is over: only who left before its last day, wherever that was.
    return left & Q(ends_on__lt=window.end.astimezone(dt.UTC).date() - _ONE)


def _same_days(window: Window) -> QuerySet[Stay]:
    """The stay itself, unless it is over.

    Found by its person and days, which the covering indexes hold: looking it up by its key would
    send every stay of an area to the table. Another of the same days may keep it, never drop it.
    """
    from registrations.models import Stay

    return Stay.objects.filter(
        ~has_left(window),
        Q(window.from_first_day("ends_on")) | ~Q(Exists(_next_stages(window))),
        person=OuterRef("person_id"),
        # Equal, in words that PostgreSQL cannot turn into a hash table of every stay there is.
        starts_on__range=(OuterRef("starts_on"), OuterRef("starts_on")),
        ends_on__range=(OuterRef("ends_on"), OuterRef("ends_on")),
    )


def _next_stages(window: Window) -> QuerySet[Stay]:
    from registrations.models import Stay

    # East of the date line a day has begun that the stage before it has not seen.
    moved_house = Q(starts_on__gte=OuterRef("ends_on") - Value(_ONE))
    return Stay.objects.filter(
        ~Q(kind=StayKind.RESIDENCE) | moved_house,
        _elsewhere(),
        # Begun by the first day, and not over before it.
        ~Q(window.from_first_day("starts_on", shift=_ONE)),
        Q(window.from_first_day("ends_on")),
        person=OuterRef("person_id"),
        planned_end__isnull=True,
    )


def _elsewhere() -> Q:
    """As far as both say: in another country, region or town, or at another point."""
    other_region = ~Q(admin1__in=NO_REGION) & ~Q(admin1=OuterRef("admin1"))
    return (
        ~Q(country=OuterRef("country"))
        | (other_region & ~Q(In(OuterRef("admin1"), NO_REGION)))
        | (Q(place__isnull=False) & ~Q(place=OuterRef("place")))
        | (
            Q(precision=Precision.PIN)
            & Q(Exact(OuterRef("precision"), Value(Precision.PIN.value)))
            & ~Q(cell=OuterRef("cell"))
        )
    )
