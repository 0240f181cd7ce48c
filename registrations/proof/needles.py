"""What is looked for: everything by which an erased person could still be found."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from audit.subjects import salt_of
from privacy.sealing import CannotOpen
from registrations.contacts import indexes_of, known_indexes
from registrations.erasing import erasers, traces_of
from registrations.models import Companion, ContactPoint, FamilyContact, Person, PersonKey, Stay
from registrations.people_standing import shells_of, standing
from registrations.validation import MailAddress, PhoneNumber

# Shorter words (a first name, a house number) stand in texts that are about nobody.
SHORTEST_VALUE = 6


@dataclass(frozen=True, slots=True)
class Needles:
    """Identifiers of people and of their rows, digests (blind indexes, salts), plain values."""

    identifiers: frozenset[UUID] = frozenset()
    digests: frozenset[bytes] = frozenset()
    values: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def texts(self) -> list[str]:
        """As they would stand in a text or in JSON, in small letters where they are hexadecimal."""
        found = {str(one) for one in self.identifiers} | {one.hex for one in self.identifiers}
        found |= {one.hex() for one in self.digests} | self.values
        return sorted(found)

    @property
    def binaries(self) -> list[bytes]:
        """As they would stand in bytes: a column's, or a file's."""
        found = {one.bytes for one in self.identifiers} | set(self.digests)
        return sorted(found | {text.encode() for text in self.texts})

    @property
    def pattern(self) -> re.Pattern[bytes]:
        return re.compile(b"|".join(re.escape(one) for one in self.binaries))

    def without(self, digests: Collection[bytes]) -> Needles:
        return Needles(self.identifiers, self.digests - frozenset(digests), self.values)

    def __len__(self) -> int:
        return len(self.identifiers) + len(self.digests) + len(self.values)


def needles_of(person_id: UUID) -> Needles:
    """Everything that is kept about a person, while it is still there."""
    head = standing(person_id)
    people = frozenset({head, *shells_of(head)})
    traces = traces_of(people)
    identifiers = set(traces.people | traces.rows)
    for eraser in erasers():
        identifiers |= eraser.identifiers(people)
    points = ContactPoint.objects.filter(person__in=people).order_by("pk")
    keys = PersonKey.objects.filter(person__in=people).order_by("pk")
    salts = [salt for one in sorted(people) if (salt := salt_of(one))]
    digests = {index for point in points for index in known_indexes(point)}
    digests |= {bytes(key.index) for key in keys} | set(salts)
    family = FamilyContact.objects.filter(person__in=people, address_index__isnull=False)
    digests |= {bytes(one.address_index) for one in family.order_by("pk") if one.address_index}
    return Needles(frozenset(identifiers), frozenset(digests), frozenset(_long(_values_of(people))))


def needles_from(identifiers: Iterable[UUID], values: Iterable[str]) -> Needles:
    """For somebody who is erased already. An address is looked for by its blind indexes as well.

    Raises ValueError for a value that is too short to mean anybody.
    """
    digests: set[bytes] = set()
    given = [value.strip() for value in values]
    if any(len(value) < SHORTEST_VALUE for value in given):
        raise ValueError(f"A value has at least {SHORTEST_VALUE} letters or digits.")
    for value in given:
        if "@" in value:
            digests |= set(indexes_of(MailAddress.parse(value)))
        elif value.startswith("+"):
            digests |= set(indexes_of(PhoneNumber.parse(value)))
    return Needles(frozenset(identifiers), frozenset(digests), frozenset(given))


def _values_of(people: Collection[UUID]) -> set[str | None]:
    found: set[str | None] = set()
    for person in Person.objects.filter(pk__in=people).order_by("pk"):
        found |= _opened(person, "name", "document_number", "needs")
    for model, names in (
        (ContactPoint, ("address",)),
        (FamilyContact, ("name", "phone", "mail")),
        (Companion, ("name",)),
        (Stay, ("exact_address", "aboard_or_with")),
    ):
        for row in model._default_manager.filter(person__in=people).order_by("pk"):
            found |= _opened(row, *names)
    return found


def _opened(row: object, *names: str) -> set[str | None]:
    try:
        return {getattr(row, name) for name in names}
    except CannotOpen:  # What nobody can read cannot be looked for as it was written.
        return set()


def _long(values: Collection[str | None]) -> set[str]:
    return {value for value in values if value and len(value) >= SHORTEST_VALUE}
