"""Who has looked at a person's data and why, in plain words. An officer is a post, never a name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
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
    entries = list(entries_about(person_id)[: limit + 1 if limit else None])
    has_more = limit is not None and len(entries) > limit
    entries = entries[:limit]
    posts = _posts_of(entries)
    own = _own_digest(person_id)
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
    entries = list(entries_about(person_id))
    posts = _posts_of(entries)
    own = _own_digest(person_id)
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


def who_of(entry: Entry, posts: dict[UUID, str], own: str) -> str:
    """A post, a role, the portal, the person, or a partner: never anybody's name."""
    if entry.actor_kind == ActorKind.USER:
        if entry.actor_post in posts:
            return posts[entry.actor_post]
        return str(_ROLES.get(entry.actor_role, _("Your consulate")))
    if entry.actor_kind == ActorKind.TRAVELLER:
        return _("You") if entry.actor_id == own else _("Another registered person")
    if entry.actor_kind == ActorKind.SYSTEM:
        return _("The portal itself")
    if entry.actor_kind == ActorKind.AGENCY:
        return _("A partner agency")
    return _("Someone who was not signed in")


def _posts_of(entries: Iterable[Entry]) -> dict[UUID, str]:
    ids = {entry.actor_post for entry in entries if entry.actor_post}
    return dict(Post.objects.filter(pk__in=ids).values_list("pk", "name"))


def _own_digest(person_id: UUID) -> str:
    """How the ledger names the person where they acted themselves."""
    salt = subjects.salt_of(person_id)
    return "" if salt is None else subjects.digest(salt, person_id).hex()


def _line(entry: Entry, posts: dict[UUID, str], own: str) -> Line:
    return Line(
        at=entry.at,
        who=who_of(entry, posts, own),
        what=what_of(entry),
        why=str(Purpose(entry.purpose).label),
        action=entry.action,
        is_own=entry.actor_kind == ActorKind.TRAVELLER and entry.actor_id == own,
    )
