"""Searches of the ledger: filters, pages by key, and how many people an entry is about.

A page begins after the last entry of the one before, so that the thousandth costs what the first
does. The place is signed together with the search, so that only a search that stands in the ledger
can be paged through.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import connections, router
from django.db.models import Q, QuerySet

from accounts.models import User
from audit.actors import ActorKind
from audit.ledger import record
from audit.models import Entry, EntrySubject
from audit.purposes import Purpose
from oversight.acts import SEES_PEOPLE, actions_of

PAGE = 50
# In a list, more than this is shown as "more than": an export may be about everybody.
COUNTED = 1000
_SALT = "oversight.searching"
_PLACE_LASTS = dt.timedelta(days=1)
_COUNT_SQL = """
SELECT e.id, (
    SELECT count(*) FROM (SELECT 1 FROM {table} AS s WHERE s.entry_id = e.id LIMIT %s) AS first
) FROM unnest(%s::uuid[]) AS e(id)
"""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. Empty values do not restrict."""

    since: dt.date | None = None
    until: dt.date | None = None
    actor_kind: str = ""
    actor: UUID | None = None
    post: UUID | None = None
    role: str = ""
    action: str = ""
    purpose: str = ""
    people_only: bool = False
    object_id: str = ""

    def entries(self) -> QuerySet[Entry]:
        found: QuerySet[Entry] = Entry.objects.order_by("-at", "-pk")
        if self.since:
            found = found.filter(at__gte=dt.datetime.combine(self.since, dt.time(), dt.UTC))
        if self.until:
            end = self.until + dt.timedelta(days=1)
            found = found.filter(at__lt=dt.datetime.combine(end, dt.time(), dt.UTC))
        if self.actor:
            # Officers only: a traveller's identifier is a digest that nobody searches for.
            found = found.filter(actor_kind=ActorKind.USER, actor_id=str(self.actor))
        for column, value in (
            ("actor_kind", self.actor_kind),
            ("actor_post", self.post),
            ("actor_role", self.role),
            ("action", self.action),
            ("purpose", self.purpose),
            ("object_id", self.object_id),
        ):
            if value:
                found = found.filter(**{column: value})
        if self.object_id:
            # The index is on both columns: an object has few kinds.
            found = found.filter(object_type__in=_object_types())
        if self.people_only:
            found = found.filter(action__in=actions_of(*SEES_PEOPLE)).exclude(
                actor_kind=ActorKind.TRAVELLER
            )
        return found

    def codes(self) -> dict[str, Any]:
        """What of it stands in the ledger: codes, and whether an object was named."""
        given = {name: value for name, value in asdict(self).items() if value}
        if "object_id" in given:
            given["object_id"] = True
        return given

    def record(self, action: str, *, by: User) -> None:
        record(
            action=action,
            by=by,
            purpose=Purpose.OVERSIGHT,
            object_type="audit.entry",
            details=self.codes(),
        )


def _object_types() -> list[str]:
    """Every kind of object in the ledger, by skipping from one to the next along the index."""
    table = Entry._meta.db_table
    statement = f"""
    WITH RECURSIVE kinds AS (
        (SELECT object_type FROM {table} ORDER BY object_type LIMIT 1)
        UNION ALL
        SELECT (SELECT object_type FROM {table} WHERE object_type > kinds.object_type
                ORDER BY object_type LIMIT 1)
        FROM kinds WHERE kinds.object_type IS NOT NULL
    ) SELECT object_type FROM kinds WHERE object_type IS NOT NULL
    """  # noqa: S608  (a table's name of our own)
    with connections[router.db_for_read(Entry)].cursor() as cursor:
        cursor.execute(statement)
        return [row[0] for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Place:
    """After which entry a page begins."""

    at: dt.datetime
    id: UUID

    def sign(self, search: Search, user: User) -> str:
        """A place in this user's own search, for an address."""
        value = [self.at.isoformat(), str(self.id), _key(search), str(user.pk)]
        return signing.dumps(value, salt=_SALT)


def place_of(text: str, search: Search, user: User) -> Place | None:
    """The place that this user was given in this search, or None: then the search begins anew."""
    try:
        at, entry_id, key, owner = signing.loads(text, salt=_SALT, max_age=_PLACE_LASTS)
    except (signing.BadSignature, ValueError):
        return None
    if (key, owner) != (_key(search), str(user.pk)):
        return None
    return Place(dt.datetime.fromisoformat(at), UUID(entry_id))


def _key(search: Search) -> str:
    return json.dumps(asdict(search), default=str, sort_keys=True)


def page_of(search: Search, place: Place | None, size: int = PAGE) -> tuple[list[Entry], bool]:
    """The next entries, newest first, and whether there are older ones."""
    found = search.entries()
    if place is not None:
        # The first condition is for the index, the second for entries of the same instant.
        found = found.filter(at__lte=place.at).exclude(Q(at=place.at, pk__gte=place.id))
    entries = list(found.defer("note")[: size + 1])
    return entries[:size], len(entries) > size


def all_of(search: Search, size: int = 2000) -> Iterator[list[Entry]]:
    """Every entry of a search, page by page."""
    place, more = None, True
    while more:
        entries, more = page_of(search, place, size)
        if entries:
            yield entries
            place = Place(entries[-1].at, entries[-1].pk)


def subjects_of(entries: Sequence[Entry], most: int = COUNTED) -> dict[UUID, int]:
    """How many people each entry is about; most + 1 where they are more."""
    statement = _COUNT_SQL.format(table=EntrySubject._meta.db_table)
    with connections[router.db_for_read(EntrySubject)].cursor() as cursor:
        cursor.execute(statement, [most + 1, [entry.pk for entry in entries]])
        return dict(cursor.fetchall())
