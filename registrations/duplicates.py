"""Pairs of registrations that may be one person's, found by the keys they share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Q

from accounts.models import User
from registrations.enums import KeyKind
from registrations.models import Person, PersonKey, Verdict

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
    then the newest. One query.
    """
    seen = Person.objects.visible_to(user).filter(merged_into=None)
    everyone = user.countries is None and person_id is None
    if person_id is not None:
        seen = seen.filter(pk=person_id)
    if not everyone and not seen.exists():
        return Candidates((), {})
    seen_sql, seen_parameters = seen.values("pk").query.sql_with_params()
    statement = _CANDIDATES.format(
        people=Person._meta.db_table,
        keys=PersonKey._meta.db_table,
        verdicts=Verdict._meta.db_table,
        seen=seen_sql,
        of_those_seen="" if everyone else _OF_THOSE_SEEN.format(keys=PersonKey._meta.db_table),
        one_is_seen="" if everyone else _ONE_IS_SEEN,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*seen_parameters, _HOLDERS, KeyKind.values, limit])
        rows = cursor.fetchall()
    counts: dict[KeyKind, int] = {}
    pairs = []
    for first_id, second_id, ranks, newest_at, alike in rows:
        kinds = tuple(list(KeyKind)[rank - 1] for rank in ranks)
        pairs.append(Pair(first_id, second_id, kinds, newest_at))
        counts[kinds[0]] = alike
    return Candidates(pairs, counts)


def pair_for(user: User, one_id: UUID, other_id: UUID) -> Pair | None:
    """Two people whom the user may compare: both are visible, or one is and they are alike.

    None for anyone else, and for whoever is merged already.
    """
    first_id, second_id = sorted([one_id, other_id])
    both = Person.objects.filter(pk__in=[first_id, second_id], merged_into=None)
    if first_id == second_id or both.count() < 2:
        return None
    shared = PersonKey.objects.filter(
        person=first_id,
        index__in=PersonKey.objects.filter(person=second_id).values("index"),
    )
    found = set(shared.values_list("kind", flat=True))
    visible = both.visible_to(user).count()
    if visible < (1 if found else 2):
        return None
    return Pair(first_id, second_id, tuple(kind for kind in KeyKind if kind.value in found))


def verdict_on(pair: Pair) -> Verdict | None:
    return Verdict.objects.filter(first=pair.first_id, second=pair.second_id).first()


def verdicts_seen_by(user: User, *, limit: int = PAIRS_SHOWN) -> list[Verdict]:
    """The newest pairs found to be two people, of which the user may see at least one."""
    seen = Person.objects.visible_to(user).values("pk")
    return list(
        Verdict.objects.filter(Q(first__in=seen) | Q(second__in=seen))
        .select_related("first", "second")
        .order_by("-decided_at", "pk")[:limit]
    )


_OF_THOSE_SEEN = (
    "AND key.index IN (SELECT index FROM {keys} WHERE person_id IN (SELECT id FROM seen))"
)
_ONE_IS_SEEN = (
    "AND (one.person_id IN (SELECT id FROM seen) OR other.person_id IN (SELECT id FROM seen))"
)
_CANDIDATES = """
WITH seen (id) AS MATERIALIZED ({seen}),
telling AS MATERIALIZED (
    SELECT key.index FROM {keys} AS key JOIN {people} AS person ON person.id = key.person_id
    WHERE person.merged_into_id IS NULL {of_those_seen}
    GROUP BY key.index HAVING count(*) BETWEEN 2 AND %s
), shared AS (
    SELECT one.person_id AS first_id, other.person_id AS second_id,
        array_position(%s::text[], one.kind::text) AS rank
    FROM telling
    JOIN {keys} AS one ON one.index = telling.index
    JOIN {keys} AS other ON other.index = telling.index AND other.person_id > one.person_id
    WHERE true {one_is_seen}
), pairs AS (
    SELECT first_id, second_id, array_agg(DISTINCT rank) AS ranks,
        greatest(first.created_at, second.created_at) AS newest_at
    FROM shared
    JOIN {people} AS first ON first.id = first_id AND first.merged_into_id IS NULL
    JOIN {people} AS second ON second.id = second_id AND second.merged_into_id IS NULL
    WHERE NOT EXISTS (
        SELECT FROM {verdicts} AS verdict
        WHERE verdict.first_id = shared.first_id AND verdict.second_id = shared.second_id
    )
    GROUP BY first_id, second_id, newest_at
)
SELECT first_id, second_id, ranks, newest_at, count(*) OVER (PARTITION BY ranks[1])
FROM pairs ORDER BY ranks[1], newest_at DESC, first_id, second_id LIMIT %s
"""
