"""Which tables and columns an export holds, and what is made anew where it arrives.

A column added to a table joins the export by itself, and is read as its default from older files.
Renaming one, or changing what it means, makes a new version: see VERSION.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from privacy.blind_index import BlindIndexField
from registrations.answers import FamilyAnswer
from registrations.contacts import address_of, index_of, value_of
from registrations.models import (
    Companion,
    Consent,
    ContactPoint,
    FamilyContact,
    FocalPoint,
    Group,
    Invitation,
    Merge,
    Person,
    Report,
    Stay,
    Verdict,
)
from registrations.validation import MailAddress

FORMAT = "micic-registrations"
VERSION = 1
# Every version that can be read. A golden file of each stands in tests/data/exports.
READABLE = frozenset({1})


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the document. `left_out` columns are implied by where a row stands, or are
    told by lines of their own once everybody is there."""

    model: type[models.Model]
    left_out: frozenset[str] = frozenset()
    indexed: Mapping[str, Callable[[Any], bytes | None]] = field(default_factory=dict)

    @property
    def columns(self) -> list[models.Field[Any, Any]]:
        return [
            column
            for column in self.model._meta.concrete_fields
            if column.attname not in self.left_out and not isinstance(column, BlindIndexField)
        ]


def _family_index(contact: FamilyContact) -> bytes | None:
    address = address_of(FamilyAnswer(name="", phone=contact.phone or "", mail=contact.mail or ""))
    return index_of(address) if address else None


GROUP = Table(
    Group,
    indexed={"organiser_index": lambda row: index_of(MailAddress(row.organiser_mail))},
)
PERSON = Table(Person, frozenset({"merged_into_id"}))
_OF_PERSON = frozenset({"person_id"})
# What stands inside a person's line, by the name of its list.
CHILDREN: dict[str, Table] = {
    "contact_points": Table(
        ContactPoint,
        _OF_PERSON,
        {"address_index": lambda row: index_of(value_of(row.channel, row.address))},
    ),
    "stays": Table(Stay, _OF_PERSON),
    "family_contacts": Table(FamilyContact, _OF_PERSON, {"address_index": _family_index}),
    "companions": Table(Companion, _OF_PERSON | {"invited_id"}),
    "consents": Table(Consent, _OF_PERSON),
    "focal_points": Table(FocalPoint, _OF_PERSON),
    "reports": Table(Report, _OF_PERSON | {"named_by_id"}),
}
# Who was invited, and who does not want to be: its index is all that there is of it.
INVITATION = Table(Invitation)
MERGE = Table(Merge)
VERDICT = Table(Verdict)
# What is no registration, or is made anew where it arrives.
LEFT_OUT = frozenset(
    {"Draft", "Challenge", "Upload", "PersonKey", "RetentionRun", "CitizenEstimate"}
)
# Rows that name another person than the one they hang on: told after everybody has arrived.
TIES: dict[str, tuple[type[models.Model], str]] = {
    "invited": (Companion, "invited_id"),
    "named_by": (Report, "named_by_id"),
}
