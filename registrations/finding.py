"""Finding a person by something exact, among those whom the officer may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import User
from audit.ledger import record
from audit.purposes import Purpose
from registrations.actions.keys import document_indexes
from registrations.contacts import indexes_of
from registrations.enums import KeyKind
from registrations.models import ContactPoint, Person, PersonKey
from registrations.names import normal_document
from registrations.people_standing import standing
from registrations.references import identifiers_of
from registrations.validation import MailAddress, PhoneNumber

PEOPLE_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Sought:
    """What was typed, as each thing that it may be."""

    address: MailAddress | PhoneNumber | None = None
    reference: str = ""
    document: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """An address, a telephone number, or else a reference or a document's number.

        Raises ValidationError.
        """
        typed = text.strip()
        if "@" in typed:
            return cls(address=MailAddress.parse(typed))
        if typed.startswith(("+", "00")):
            return cls(address=PhoneNumber.parse(typed))
        reference = typed if identifiers_of(typed) else ""
        document = normal_document(typed)
        if not reference and not document:
            raise ValidationError(
                _(
                    "Write a whole email address, a telephone number with + and its country code, "
                    "a document number or a reference."
                ),
                code="unknown",
            )
        return cls(reference=reference, document=document)

    @property
    def kind(self) -> str:
        """What it was, for the ledger: the value itself stands nowhere."""
        if self.address is not None:
            return "mail" if isinstance(self.address, MailAddress) else "telephone"
        return "reference_or_document" if self.reference else "document"


@transaction.atomic
def find_people(*, sought: Sought, purpose: Purpose, by: User) -> list[Person]:
    """Those whom it fits and whom `by` may see, the newest first, 20 at most; in the ledger.

    Of a merged registration the one that stands is found.
    """
    found = list(
        Person.objects.visible_to(by)
        .filter(_fits(sought), merged_into__isnull=True)
        .order_by("-created_at", "pk")[:PEOPLE_SHOWN]
    )
    record(
        action="person.find",
        by=by,
        purpose=purpose,
        subjects=[person.pk for person in found],
        object_type="registrations.person",
        details={"by": sought.kind, "found": len(found)},
    )
    return found


def _fits(sought: Sought) -> Q:
    mine = OuterRef("pk")
    if sought.address is not None:
        points = ContactPoint.objects.filter(
            person=mine, address_index__in=indexes_of(sought.address), replaced_at=None
        )
        return Q(Exists(points))
    fits = Q(pk__in=[])
    between = identifiers_of(sought.reference)
    if between:
        people = Person.objects.filter(pk__range=between).values_list("pk", flat=True)
        fits |= Q(pk__in={standing(pk) for pk in people})
    if sought.document:
        keys = PersonKey.objects.filter(
            person=mine, kind=KeyKind.DOCUMENT, index__in=document_indexes(sought.document)
        )
        fits |= Q(Exists(keys))
    return fits
