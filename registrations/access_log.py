"""Who has looked at a person's data and why, in plain words. An officer is a post, never a name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Post
from audit import subjects
from audit.actors import ActorKind
from audit.ledger import entries_about
from audit.models import Entry
from audit.purposes import Purpose
from registrations.ledger_words import WORDS
from registrations.people_standing import shells_of

_UNTOLD = gettext_lazy("Something was done that concerns your registration")
_ROLES = {
    "coordinator": gettext_lazy("The ministry's crisis coordination"),
    "auditor": gettext_lazy("The ministry's audit"),
    "data_protection_officer": gettext_lazy("The data protection officer"),
    "operator": gettext_lazy("The technical operator of the portal"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One act, or several alike of the person's own on one day: `times` counts them."""

    at: dt.datetime
    who: str
    what: str
    why: str
    action: str
    is_own: bool
    times: int = 1

    @property
    def times_text(self) -> str:
        return ngettext("%(times)s time", "%(times)s times", self.times) % {"times": self.times}


def read_access_log(person_id: UUID, *, limit: int | None = None) -> tuple[list[Line], bool]:
    """The person's ledger as lines, newest first, and whether there are more.

    What people did themselves is grouped by day and act, so that it does not drown the rest.
    """
    people = _identifiers(person_id)
    entries = list(entries_about(*people)[: limit + 1 if limit else None])
    has_more = limit is not None and len(entries) > limit
    entries = entries[:limit]
    posts = _posts_of(entries)
    own = _own_digests(people)
    lines: list[Line] = []
    grouped: dict[tuple[dt.date, str, str], int] = {}
    for entry in entries:
        line = _line(entry, posts, own)
        key = (line.at.date(), line.action, line.why)
        if line.is_own and key in grouped:
            at = grouped[key]
            lines[at] = replace(lines[at], times=lines[at].times + 1)
            continue
        if line.is_own:
            grouped[key] = len(lines)
        lines.append(line)
    return lines, has_more


def access_log_data(person_id: UUID) -> list[dict[str, Any]]:
    """The same for a program: each entry with its codes, and the words for them."""
    people = _identifiers(person_id)
    entries = list(entries_about(*people))
    posts = _posts_of(entries)
    own = _own_digests(people)
    return [
        {
            "at": entry.at.isoformat(),
            "who": who_of(entry, posts, own),
            "action": entry.action,
            "what": what_of(entry),
            "purpose": entry.purpose,
            "why": str(Purpose(entry.purpose).label),
        }
        for entry in entries
    ]


def what_of(entry: Entry) -> str:
    return str(WORDS.get(entry.action, _UNTOLD))


def who_of(entry: Entry, posts: dict[UUID, str], own: Collection[str]) -> str:
    """A post, a role, the portal, the person, or a partner: never anybody's name."""
    if entry.actor_kind == ActorKind.USER:
        if entry.actor_post in posts:
            return posts[entry.actor_post]
        return str(_ROLES.get(entry.actor_role, _("Your consulate")))
    if entry.actor_kind == ActorKind.TRAVELLER:
        return _("You") if entry.actor_id in own else _("Another registered person")
    if entry.actor_kind == ActorKind.SYSTEM:
        return _("The portal itself")
    if entry.actor_kind == ActorKind.AGENCY:
        return _("A partner agency")
    return _("Someone who was not signed in")


def _posts_of(entries: Iterable[Entry]) -> dict[UUID, str]:
    ids = {entry.actor_post for entry in entries if entry.actor_post}
    return dict(Post.objects.filter(pk__in=ids).values_list("pk", "name"))


def _identifiers(person_id: UUID) -> list[UUID]:
    """The person's, and those of the registrations that were found to be theirs as well."""
    return [person_id, *sorted(shells_of(person_id))]


def _own_digests(people: Iterable[UUID]) -> set[str]:
    """How the ledger names the person where they acted themselves."""
    return {
        subjects.digest(salt, person_id).hex()
        for person_id in people
        if (salt := subjects.salt_of(person_id)) is not None
    }


def _line(entry: Entry, posts: dict[UUID, str], own: Collection[str]) -> Line:
    return Line(
        at=entry.at,
        who=who_of(entry, posts, own),
        what=what_of(entry),
        why=str(Purpose(entry.purpose).label),
        action=entry.action,
        is_own=entry.actor_kind == ActorKind.TRAVELLER and entry.actor_id in own,
    )
