"""The keys by which one person, entered twice, is found: blind indexes of compound values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol
from uuid import UUID

from django.db import transaction

from privacy.index_ring import IndexRing, index_ring
from registrations.answers import OPEN_END
from registrations.contacts import CONTACT_DOMAIN, Address, value_of
from registrations.enums import KeyKind
from registrations.models import ContactPoint, Person, PersonKey
from registrations.names import NameWords, normal_document


class StayDays(Protocol):
    """A stay, saved or answered: a country (ISO 3166, or empty) and its first and last day."""

    @property
    def country(self) -> str: ...
    @property
    def starts_on(self) -> dt.date: ...
    @property
    def ends_on(self) -> dt.date: ...


def index_person(
    person: Person, stays: Iterable[StayDays], addresses: Iterable[Address] = ()
) -> None:
    """Write a person's keys, in one statement; those that stand already stay.

    `addresses` are those of the person's contact points. A name alone, a date alone or an address
    alone is never a key. The caller's transaction holds it.
    """
    PersonKey.objects.bulk_create(
        [
            PersonKey(person=person, kind=kind, index=index)
            for kind, index in keys_of(person, stays, addresses)
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def reindex_person(*, person_id: UUID) -> None:
    """Write a person's keys anew after a name, a stay or an address changed.

    What was merged into them is found by its own keys as well: another name of the same person.
    """
    person = Person.objects.select_for_update(of=("self",)).get(pk=person_id)
    PersonKey.objects.filter(person=person).delete()
    index_person(
        person,
        person.stays.all(),
        addresses_of(person.contact_points.filter(replaced_at=None)),
    )
    PersonKey.objects.bulk_create(
        [
            PersonKey(person=person, kind=key.kind, index=key.index)
            for key in PersonKey.objects.filter(person__merged_into=person)
        ],
        ignore_conflicts=True,
    )


def addresses_of(points: Iterable[ContactPoint]) -> Iterator[Address]:
    for point in points:
        yield value_of(point.channel, point.address)


def keys_of(
    person: Person, stays: Iterable[StayDays], addresses: Iterable[Address]
) -> Iterator[tuple[KeyKind, bytes]]:
    """Every key of a person, each once, as its kind and its index of 32 bytes.

    Under every secret of the ring: two people are compared in the database, by keys that each got
    at another time of a rotation.
    """
    ring = index_ring()
    stays, known = list(stays), [value.indexed for value in addresses]
    for key_id in ring.key_ids:
        indexes = [ring.index(key_id, CONTACT_DOMAIN, value) for value in known]
        for kind, text in _texts(person, stays, indexes):
            yield kind, _index(ring, key_id, kind, text)


def _texts(
    person: Person, stays: Iterable[StayDays], addresses: Iterable[bytes]
) -> Iterator[tuple[KeyKind, str]]:
    """What is indexed of a person, each once; of addresses, their indexes under the same secret."""
    name = NameWords.of(person.name)
    document = normal_document(person.document_number or "")
    texts: list[tuple[KeyKind, Sequence[str]]] = []
    if document:
        texts.append((KeyKind.DOCUMENT, (document,)))
    if person.birth_date:
        born = person.birth_date.isoformat()
        texts += [(KeyKind.NAME_BIRTH, (pair, born)) for pair in name.pairs]
    for stay in stays if name.together else ():
        days = [stay.starts_on] if stay.ends_on == OPEN_END else [stay.starts_on, stay.ends_on]
        texts += [
            (KeyKind.NAME_STAY, (name.together, stay.country, day.strftime("%Y-%m")))
            for day in days
        ]
    # A family shares a telephone, but hardly a first name.
    for address in addresses if name.first else ():
        texts += [
            (KeyKind.NAME_CONTACT, (text, address.hex()))
            for text in {name.first, name.together} - {""}
        ]
    for kind, parts in dict.fromkeys(texts):
        yield kind, "|".join(parts)


def document_indexes(document: str) -> list[bytes]:
    """What a document's number, as normal_document() gives it, is looked up by."""
    ring = index_ring()
    return [_index(ring, key_id, KeyKind.DOCUMENT, document) for key_id in ring.key_ids]


def _index(ring: IndexRing, key_id: str, kind: KeyKind, text: str) -> bytes:
    return ring.index(key_id, f"registrations.personkey.{kind.value}", text)
