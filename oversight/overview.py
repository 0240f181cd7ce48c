"""The figures of the overview, each from an index."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.actors import ActorKind
from audit.models import Entry, Head, Seal
from oversight.acts import SEES_PEOPLE, actions_of
from oversight.words import People

DAYS = 14
_READERS = 8
READERS_DAYS = 7


@dataclass(frozen=True, slots=True)
class _Actor:
    actor_kind: str
    actor_id: str
    actor_role: str
    actor_post: UUID | None


def entries_today() -> int:
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return Entry.objects.filter(at__gte=midnight).count()


def newest_head() -> Seal | None:
    return Seal.objects.order_by("-position").first()


def days(today: int) -> list[dict[str, Any]]:
    """Bars: the entries of the last days, today's first. Past days come from their heads."""
    heads = Head.objects.order_by("-day")[: DAYS - 1]
    rows: list[dict[str, Any]] = [
        {"label": date_format(head.day, "j M"), "value": head.entries} for head in heads
    ]
    return [{"label": _("Today so far"), "value": today}, *rows]


def readers() -> list[dict[str, Any]]:
    """Bars: which accounts read most people in the last seven days, by role and post. A person
    who was read twice counts twice."""
    since = timezone.now() - dt.timedelta(days=READERS_DAYS)
    counted = (
        Entry.objects.filter(
            at__gte=since, action__in=actions_of(*SEES_PEOPLE), actor_kind=ActorKind.USER
        )
        .values_list("actor_kind", "actor_id", "actor_role", "actor_post")
        .annotate(people=Count("subjects__subject"))
        .order_by("-people", "actor_id")[:_READERS]
    )
    actors = [(_Actor(*row[:4]), row[4]) for row in counted]
    people = People.of(actor for actor, _count in actors)
    first = (since + dt.timedelta(days=1)).date().isoformat()
    return [
        {
            "label": people.who(actor),
            "value": count,
            "url": f"{reverse('list_entries')}?"
            + urlencode({"actor": actor.actor_id, "people_only": "on", "since": first}),
        }
        for actor, count in actors
        if count
    ]
