"""Pairs of registrations that may be one person's, found by the keys they share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import rules
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from registrations.enums import KeyKind
from registrations.models import Person, PersonKey, Verdict
from registrations.rules import COMPARE_PEOPLE

PAIRS_SHOWN = 50
# A key that more people share tells nothing: a document number typed as 00000, a name like
# Maria Garcia among a country's tourists. It would also pair them all with one another.
_HOLDERS = 12


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people, the lower identifier first, and what they share, the most telling first."""

    first_id: UUID
    second_id: UUID
    kinds: tuple[KeyKind, ...]
    newest_at: dt.datetime | None = None

    @property
    def strength(self) -> KeyKind | None:
        return self.kinds[0] if self.kinds else None


@dataclass(frozen=True, slots=True)
class Candidates:
    """The first pairs in order, and how many there are of each strength in all."""

    pairs: Sequence[Pair]
    counts: dict[KeyKind, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def candidates(
    user: User, *, person_id: UUID | None = None, limit: int = PAIRS_SHOWN
) -> Candidates:
    """Pairs nobody has decided on, of which the user may see at least one person.

    With `person_id`, those of one person that the user may see. The most telling come first,
    then the newest. One statement; without `person_id` it reads the index of all keys once.
    """
    if not rules.has_perm(COMPARE_PEOPLE, user):
        return Candidates((), {})
    seen = Person.objects.visible_to(user).filter(merged_into=None)
    if person_id is not None:
        seen = seen.filter(pk=person_id)
    everyone = user.countries is None and person_id is None
    seen_sql, seen_parameters = seen.values("pk").query.sql_with_params()
    keys = PersonKey._meta.db_table
    statement = _CANDIDATES.format(
        people=Person._meta.db_table,
        keys=keys,
        verdicts=Verdict._meta.db_table,
        of_one="" if person_id is None else _OF_ONE.format(keys=keys),
        one_is_seen="" if everyone else _ONE_IS_SEEN.format(seen=seen_sql),
    )
    parameters = [
        *([] if person_id is None else [person_id]),
        _HOLDERS,
        KeyKind.values,
        *([] if everyone else [*seen_parameters, *seen_parameters]),
        limit,
    ]
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        # Compiling the statement would take longer than running it.
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(statement, parameters)
        rows = cursor.fetchall()
    ranked = list(KeyKind)
    counts: dict[KeyKind, int] = {}
    pairs = []
    for first_id, second_id, ranks, newest_at, count_ranks, numbers in rows:
        kinds = tuple(ranked[rank - 1] for rank in ranks)
        pairs.append(Pair(first_id, second_id, kinds, newest_at))
        counts = {
            ranked[rank - 1]: number for rank, number in zip(count_ranks, numbers, strict=True)
        }
    return Candidates(pairs, counts)


def pair_for(user: User, one_id: UUID, other_id: UUID) -> Pair | None:
    """Two people whom the user may compare: both are visible, or one is and they are alike.

    None for anyone else, and for whoever is merged already.
    """
    first_id, second_id = sorted([one_id, other_id])
    both = Person.objects.filter(pk__in=[first_id, second_id], merged_into=None)
    # The same work for whoever is not there as for whoever is not shown.
    there = both.count()
    shared = PersonKey.objects.filter(
        person=first_id,
        index__in=PersonKey.objects.filter(person=second_id).values("index"),
    )
    found = set(shared.values_list("kind", flat=True))
    visible = both.visible_to(user).count()
    if first_id == second_id or there < 2 or visible < (1 if found else 2):
        return None
    return Pair(first_id, second_id, tuple(kind for kind in KeyKind if kind.value in found))


def verdict_on(pair: Pair) -> Verdict | None:
    return Verdict.objects.filter(first=pair.first_id, second=pair.second_id).first()


def verdicts_visible_to(user: User) -> QuerySet[Verdict]:
    """Those on pairs of which the user may see at least one person."""
    seen = Person.objects.visible_to(user).values("pk")
    return Verdict.objects.filter(Q(first__in=seen) | Q(second__in=seen))


def verdicts_seen_by(user: User, *, limit: int = PAIRS_SHOWN) -> list[Verdict]:
    """The newest pairs found to be two people."""
    return list(
        verdicts_visible_to(user)
        .select_related("first", "second")
        .order_by("-decided_at", "pk")[:limit]
    )


_OF_ONE = "WHERE key.index IN (SELECT index FROM {keys} WHERE person_id = %s)"
_ONE_IS_SEEN = "AND (first_id IN ({seen}) OR second_id IN ({seen}))"
# Few keys are shared, and all are read from their index alone to find those. The planner would
# then join them to whole tables again; OFFSET 0 makes it look each one up.
_CANDIDATES = """
WITH telling AS MATERIALIZED (
    SELECT key.index FROM {keys} AS key {of_one}
    GROUP BY key.index HAVING count(*) BETWEEN 2 AND %s
), holders AS MATERIALIZED (
    SELECT telling.index, holder.person_id, array_position(%s::text[], holder.kind::text) AS rank
    FROM telling CROSS JOIN LATERAL (
        SELECT key.person_id, key.kind FROM {keys} AS key WHERE key.index = telling.index OFFSET 0
    ) AS holder
), shared AS MATERIALIZED (
    SELECT one.person_id AS first_id, other.person_id AS second_id,
        array_agg(DISTINCT one.rank) AS ranks
    FROM holders AS one
    JOIN holders AS other ON other.index = one.index AND other.person_id > one.person_id
    GROUP BY 1, 2
), pairs AS MATERIALIZED (
    SELECT first_id, second_id, ranks,
        greatest(first.created_at, second.created_at) AS newest_at
    FROM shared
    CROSS JOIN LATERAL (
        SELECT created_at FROM {people} WHERE id = first_id AND merged_into_id IS NULL OFFSET 0
    ) AS first
    CROSS JOIN LATERAL (
        SELECT created_at FROM {people} WHERE id = second_id AND merged_into_id IS NULL OFFSET 0
    ) AS second
    WHERE NOT EXISTS (
        SELECT FROM {verdicts} AS verdict
        WHERE verdict.first_id = shared.first_id AND verdict.second_id = shared.second_id
    ) {one_is_seen}
), counts AS (
    SELECT array_agg(rank) AS ranks, array_agg(number) AS numbers
    FROM (SELECT ranks[1] AS rank, count(*) AS number FROM pairs GROUP BY 1) AS counted
)
SELECT pairs.first_id, pairs.second_id, pairs.ranks, pairs.newest_at, counts.ranks, counts.numbers
FROM pairs CROSS JOIN counts
ORDER BY pairs.ranks[1], pairs.newest_at DESC, pairs.first_id, pairs.second_id LIMIT %s
"""
