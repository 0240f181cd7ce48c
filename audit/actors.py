"""Who acts: an officer, a traveller, an agency, or the portal itself. Identifiers only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _


class ActorKind(models.TextChoices):
    USER = "user", _("user")
    TRAVELLER = "traveller", _("traveller")
    AGENCY = "agency", _("partner agency")
    SYSTEM = "system", _("the portal")
    UNKNOWN = "unknown", _("someone not signed in")


@dataclass(frozen=True, slots=True)
class Actor:
    """`label` is for the caller's own screens; it is never written into the ledger."""

    kind: ActorKind
    id: str
    label: str = ""
    role: str = ""
    post: UUID | None = None

    @classmethod
    def system(cls, name: str) -> Actor:
        """A part of the portal that acts by itself: "dispatch", "sweep"."""
        return cls(ActorKind.SYSTEM, name, name)

    @classmethod
    def of(cls, user: Any) -> Actor:
        """A signed-in user: anything with `pk`, `role` and `post_id`."""
        return cls(
            ActorKind.USER,
            str(user.pk),
            str(user.pk),
            str(getattr(user, "role", "") or ""),
            getattr(user, "post_id", None),
        )

    @classmethod
    def traveller(cls, person_id: UUID) -> Actor:
        """A registered person. The ledger keeps the person's subject digest, not this id."""
        return cls(ActorKind.TRAVELLER, str(person_id), str(person_id))

    @classmethod
    def agency(cls, client_id: str) -> Actor:
        return cls(ActorKind.AGENCY, str(client_id), str(client_id))

    @classmethod
    def unknown(cls) -> Actor:
        """Someone who has proved nothing yet."""
        return cls(ActorKind.UNKNOWN, "")

    @classmethod
    def coerce(cls, by: Any) -> Actor:
        """An Actor as it is, None as unknown, anything else as a user."""
        if isinstance(by, Actor):
            return by
        if by is None or getattr(by, "pk", None) is None:
            return cls.unknown()
        return cls.of(by)
