"""The ledger in words for those who oversee it: what was done, by whom; never to whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Role
from accounts.models import Post, User
from audit.actors import ActorKind
from partners.models import Agency
from registrations.ledger_words import WORDS

# The ledger's own words speak to the person concerned; these are the same acts, told of them.
_OF_SOMEBODY: dict[str, Any] = {
    "registration.change": gettext_lazy("Corrected who they are"),
    "registration.download": gettext_lazy("Downloaded all that is kept about them"),
    "registration.read_access_log": gettext_lazy("Looked up who has seen their data"),
    "registration.import": gettext_lazy("Took registrations over from another installation"),
    "person.find": gettext_lazy("Looked for a person by something exact"),
    "person.read": gettext_lazy("Read a person's registration"),
    "person.merge": gettext_lazy("Joined two registrations of one person"),
    "person.part": gettext_lazy("Found two people of a like name to be two"),
    "person.ask_again": gettext_lazy("Had two people of a like name compared again"),
    "stay.leave": gettext_lazy("Said that they have left a place"),
    "stay.return": gettext_lazy("Said that they are still in a place"),
    "stay.confirm": gettext_lazy("Confirmed that their stays are still right"),
    "companion.add": gettext_lazy("Named someone who travels with them"),
    "companion.change": gettext_lazy("Corrected someone who travels with them"),
    "companion.remove": gettext_lazy("Removed someone who travels with them"),
    "family.tell": gettext_lazy("Told family contacts that they are listed"),
    "focal_point.agree": gettext_lazy("Agreed to pass word on in their community"),
    "focal_point.stop": gettext_lazy("Took back passing word on in their community"),
    "reminder.send": gettext_lazy("Sent a reminder about stays"),
    "report.receive": gettext_lazy("Told us about somebody else"),
    "contact.disown": gettext_lazy("Whoever reads an address said that it is another's"),
    "answer.record": gettext_lazy("Recorded an answer to a notice"),
    "crisis.stop_for_person": gettext_lazy("Stopped the notices of one crisis for a person"),
    "crisis.undo_stop": gettext_lazy("Started the notices of one crisis for a person again"),
    "notice.freeze": gettext_lazy("Fixed the list of people whom a notice goes to"),
    "advice.announce": gettext_lazy("Told people that advice about a country has changed"),
}
_KINDS: dict[str, Any] = {
    ActorKind.TRAVELLER: gettext_lazy("A registered person"),
    ActorKind.AGENCY: gettext_lazy("A partner agency"),
    ActorKind.SYSTEM: gettext_lazy("The portal itself"),
    ActorKind.UNKNOWN: gettext_lazy("Someone who was not signed in"),
}


def what(action: str) -> str:
    """An act in words; one that has none keeps its name."""
    return str(_OF_SOMEBODY.get(action) or WORDS.get(action, action))


def actions_in_words() -> list[tuple[str, str]]:
    """Every action with its words, in the order of the words."""
    return sorted(((action, what(action)) for action in WORDS), key=lambda pair: pair[1])


@dataclass(frozen=True, slots=True)
class People:
    """The posts and agencies that stand behind identifiers, read at once for a page."""

    posts: dict[UUID, str]
    agencies: dict[str, str]

    @classmethod
    def of(cls, rows: Iterable[Any]) -> People:
        """Of rows with `actor_kind`, `actor_id` and `actor_post`: entries and alarms."""
        found = list(rows)
        posts = {row.actor_post for row in found if row.actor_post}
        clients = {row.actor_id for row in found if row.actor_kind == ActorKind.AGENCY}
        agencies = Agency.objects.filter(client_id__in=clients) if clients else []
        return cls(
            posts=dict(Post.objects.filter(pk__in=posts).values_list("pk", "name")),
            agencies={str(agency.client_id): agency.name for agency in agencies},
        )

    def who(self, row: Any) -> str:
        """Role and post of an officer, the name of an agency; never the name of anybody."""
        if row.actor_kind == ActorKind.USER:
            role = dict(Role.choices).get(row.actor_role, _("A user"))
            post = self.posts.get(row.actor_post) if row.actor_post else None
            # With a sign between them that every script reads alike.
            return f"{role} · {post}" if post else str(role)
        if row.actor_kind == ActorKind.AGENCY:
            return self.agencies.get(row.actor_id, str(_KINDS[ActorKind.AGENCY]))
        return str(_KINDS.get(row.actor_kind, ""))


def name_of(row: Any) -> str:
    """The name of the officer who acted, for whoever must speak to their superior; else "".

    Whoever shows it records that in the ledger.
    """
    if row.actor_kind != ActorKind.USER:
        return ""
    return User.objects.filter(pk=row.actor_id).values_list("name", flat=True).first() or ""
