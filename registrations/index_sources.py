"""How each blind index of the register is made again when its secret is rotated."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Max

from privacy.index_sources import IndexSource, Rebuilder, bind_index_source
from registrations.actions.groups import NOBODY
from registrations.actions.rekeying import people_to_rekey, rekey_people
from registrations.contacts import family_address, index_of, point_index, value_of
from registrations.invitations import invitation_indexes, scope_of
from registrations.models import (
    Challenge,
    ContactPoint,
    FamilyContact,
    Group,
    Invitation,
    PersonKey,
)
from registrations.people_standing import provenance_of
from registrations.validation import MailAddress


def bind_index_sources() -> None:
    for source in (
        IndexSource(ContactPoint, "address_index", point_index),
        IndexSource(
            FamilyContact,
            "address_index",
            _family_again,
            kept=lambda rows: "as long as the registrations that had listed them",
        ),
        IndexSource(Challenge, "address_index", _challenge_again),
        IndexSource(Group, "organiser_index", _organiser_again, besides=(NOBODY,)),
        IndexSource(
            Invitation,
            "index",
            _invitation_again,
            related=("contact_point",),
            kept=_last_day,
        ),
    ):
        bind_index_source(source)
    bind_index_source(Rebuilder(PersonKey, "index", people_to_rekey, rekey_people))


def _family_again(contact: FamilyContact) -> bytes | None:
    """Of who objected nothing is kept but the index."""
    address = family_address(contact)
    return index_of(address) if address else None


def _challenge_again(challenge: Challenge) -> bytes:
    return index_of(value_of(challenge.channel, challenge.address))


def _organiser_again(group: Group) -> bytes:
    return index_of(MailAddress(group.organiser_mail))


def _invitation_again(invitation: Invitation) -> bytes | None:
    """Of who invites and whom: found among the person's reports by the index that there is."""
    point = invitation.contact_point
    if point is None:
        return None
    address = value_of(point.channel, point.address)
    for report in provenance_of(point.person_id):
        indexes = invitation_indexes(scope_of(report), address)
        if bytes(invitation.index) in indexes:
            return indexes[0]
    return None


def _last_day(rows: models.QuerySet[Any]) -> str:
    last = rows.aggregate(last=Max("keep_until"))["last"]
    return f"until {last:%Y-%m-%d}" if last else "no longer"
