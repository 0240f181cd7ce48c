"""The port by which every floor erases what it holds of a person, in one transaction.

Whoever holds identifiers of people (answers, deliveries) binds an eraser when the apps start.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from django.db.models import Q

from registrations.contacts import known_indexes
from registrations.models import ContactPoint, Merge, Person, Verdict

# Their identifiers stand in the ledger, which says that two were joined, not who they were.
_NAMED_IN_THE_LEDGER = (Merge, Verdict)


@dataclass(frozen=True, slots=True)
class Traces:
    """By what a person can be found: who they are (with what was merged into them), the rows that
    hang on them, and the blind indexes of the addresses that they proved."""

    people: frozenset[UUID]
    rows: frozenset[UUID] = frozenset()
    addresses: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class LastWords:
    """What someone who erases a registration leaves with a request for help; "" for nothing."""

    whereabouts: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What stays because a law demands it. `reason` is a code, `about` a public name (a crisis's).

    `until` is the day on which it goes; None while that day depends on a crisis being closed, and
    then `days` after it. `whereabouts` is what the person wrote, for that person's eyes;
    `with_contact` says that they left a contact for it.
    """

    reason: str
    about: str
    until: dt.date | None = None
    days: int = 0
    whereabouts: str = ""
    with_contact: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """Why and how a person is erased.

    `on_request` of the person, or because their time is over. `successor` is the registration
    that takes the place of this one: what the person answered goes over to it.
    """

    on_request: bool
    last_words: LastWords | None = None
    successor: UUID | None = None


@dataclass(frozen=True, slots=True)
class Erasure:
    """What became of it: rows by name, and what stays."""

    erased: Mapping[str, int] = field(default_factory=dict)
    kept: Sequence[Kept] = ()


class Eraser(Protocol):
    def identifiers(self, people: frozenset[UUID]) -> set[UUID]:
        """Of all rows held of these people, for the proof that they are gone."""

    def would_keep(self, people: frozenset[UUID]) -> list[Kept]:
        """What would stay of these people if they asked for it now. Changes nothing."""

    def erase(self, traces: Traces, order: Order) -> Erasure:
        """Erase all that this floor holds, before the person's own rows go."""


_erasers: dict[str, Eraser] = {}


def bind_eraser(name: str, eraser: Eraser) -> None:
    _erasers[name] = eraser


def erasers() -> list[Eraser]:
    return [eraser for _name, eraser in sorted(_erasers.items())]


def traces_of(people: frozenset[UUID]) -> Traces:
    """Everything by which these people can be found, while it is still there."""
    rows: set[UUID] = set()
    for relation in Person._meta.related_objects:
        model = relation.related_model
        if model in (Person, *_NAMED_IN_THE_LEDGER) or relation.field.name != "person":
            continue
        rows |= set(
            model._default_manager.filter(Q(person__in=people))
            .order_by("pk")
            .values_list("pk", flat=True)
        )
    addresses = ContactPoint.objects.filter(person__in=people, verified_at__isnull=False)
    indexes = [index for point in addresses.order_by("pk") for index in known_indexes(point)]
    return Traces(people, frozenset(rows), frozenset(indexes))
