"""Looks at what came under a seal since the last look, and raises alarms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from accounts.models import Post
from audit.actors import ActorKind
from audit.models import Entry, Seal
from audit.sealing import seal_waiting
from crises.models import Crisis
from oversight.actions.alarms import Who, raise_alarm
from oversight.acts import RULES, SMALL_AREA, Counts, Rule, act_of, actions_of
from oversight.counting import Sighting, fullest
from oversight.models import Alarm, LedgerMark

# Seals in one transaction: an hour's.
SLICE = 60
# Travellers act for themselves, and whoever is not signed in reads nobody.
_NOT_WATCHED = (ActorKind.TRAVELLER, ActorKind.UNKNOWN)
_WATCHED = sorted({action for rule in RULES for action in actions_of(rule.act)})


def look() -> int:
    """Look at all that is new; return how many alarms were raised or grew.

    New is what came under a seal since, so that a late commit is seen late and nothing is missed
    that happened while nobody looked.
    """
    seal_waiting()
    touched = 0
    while (found := _look_at_slice()) is not None:
        touched += found
    return touched


@transaction.atomic
def _look_at_slice() -> int | None:
    """None when there is nothing new."""
    LedgerMark.objects.get_or_create(pk=1)
    # One looker at a time: the others wait here, and then find nothing new.
    mark = LedgerMark.objects.select_for_update().get(pk=1)
    reached = Seal.objects.filter(
        position__gt=mark.position, position__lte=mark.position + SLICE
    ).aggregate(top=Max("position"))["top"]
    if reached is None:
        newest = Seal.objects.aggregate(top=Max("position"))["top"] or 0
        if newest <= mark.position:
            return None
        reached = mark.position + SLICE  # A gap that only an attack can have made.
    touched = 0
    for (rule, who), times in _new_acts(mark.position, reached).items():
        touched += _apply(rule, who, min(times), max(times), reached)
    mark.position, mark.moved_at = reached, timezone.now()
    mark.save()
    return touched


def _new_acts(after: int, upto: int) -> dict[tuple[Rule, Who], list[dt.datetime]]:
    entries = (
        Entry.objects.filter(
            sealed_under__seal__gt=after, sealed_under__seal__lte=upto, action__in=_WATCHED
        )
        .exclude(actor_kind__in=_NOT_WATCHED)
        .order_by("at", "pk")
        .values_list(
            "actor_kind", "actor_id", "actor_role", "actor_post", "at", "action", "details"
        )
    )
    found: dict[tuple[Rule, Who], list[dt.datetime]] = {}
    last_known: dict[tuple[str, str], Who] = {}
    for kind, actor_id, role, post, at, action, details in entries:
        # Whoever changed posts meanwhile is still one person.
        who = last_known.setdefault((kind, actor_id), Who(kind, actor_id, role, post))
        act = act_of(action, details)
        for rule in RULES:
            if rule.act is act:
                found.setdefault((rule, who), []).append(at)
    return found


def _apply(rule: Rule, who: Who, first: dt.datetime, last: dt.datetime, upto: int) -> int:
    """Count again around what is new; 1 when an alarm was raised or grew."""
    sightings = _sightings(rule, who, first - rule.window, last + rule.window)
    stretch = fullest(sightings, rule.window)
    if stretch is None or stretch.count <= rule.limit:
        return 0
    raise_alarm(
        kind=rule.kind,
        who=who,
        stretch=stretch,
        threshold=rule.limit,
        window=rule.window,
        counted_to=upto,
    )
    return 1


def _sightings(rule: Rule, who: Who, since: dt.datetime, until: dt.datetime) -> list[Sighting]:
    handled = Alarm.objects.filter(
        kind=rule.kind, actor_kind=who.kind, actor_id=who.id, seen_at__isnull=False
    ).aggregate(top=Max("counted_to"))["top"]
    entries = Entry.objects.filter(
        actor_kind=who.kind,
        actor_id=who.id,
        at__gte=since,
        at__lte=until,
        action__in=actions_of(rule.act),
    )
    if handled is not None:
        # What was looked into counts no more.
        entries = entries.filter(Q(sealed_under__seal__gt=handled) | Q(sealed_under__isnull=True))
    calm = _Calm(who, since, until) if rule.only_in_calm else None
    return [
        sighting
        for sighting in _seen_in(entries, rule)
        if calm is None or not calm.was_crisis(sighting.at)
    ]


def _seen_in(entries: Any, rule: Rule) -> Iterator[Sighting]:
    columns = ["pk", "at", "action", "details"]
    if rule.counts is Counts.PEOPLE:
        columns.append("subjects__subject")
    for pk, at, action, details, *subject in entries.order_by("at", "pk").values_list(*columns):
        if act_of(action, details) is not rule.act:
            continue
        if rule.counts is Counts.PEOPLE:
            # A search that found nobody is a try all the same.
            yield Sighting(at, pk, pk if subject[0] is None else bytes(subject[0]))
        elif rule.counts is Counts.ACTS:
            yield Sighting(at, pk, pk)
        elif int(details.get("people", SMALL_AREA)) < SMALL_AREA:
            yield Sighting(at, pk, details.get("digest", str(pk)))


class _Calm:
    """When a crisis was open that the reader's post answers for. A drill is none."""

    def __init__(self, who: Who, since: dt.datetime, until: dt.datetime) -> None:
        crises = Crisis.objects.filter(is_drill=False, opened_at__lte=until).filter(
            Q(closed_at=None) | Q(closed_at__gte=since)
        )
        if who.post is not None:
            post = Post.objects.filter(pk=who.post).first()
            # At sea no country is touched, and every post may act.
            crises = crises.filter(
                Q(countries__overlap=post.jurisdiction if post else []) | Q(countries=[])
            )
        self.open = list(crises.values_list("opened_at", "closed_at"))

    def was_crisis(self, at: dt.datetime) -> bool:
        return any(
            opened <= at and (closed is None or at <= closed) for opened, closed in self.open
        )
