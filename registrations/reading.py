"""A person's registration, read for themselves or by an officer, and noted in the ledger."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose
from geography.countries import country_name
from geography.labels import label_place
from registrations.enums import ConsentPurpose
from registrations.models import Person, Stay
from registrations.summary import channel_label, describe_days, pin_label, somewhere_label


def read_own(*, person_id: UUID, by: Actor) -> dict[str, Any]:
    """Everything kept about a person, for that person. Raises Person.DoesNotExist."""
    return read_person(person_id=person_id, purpose=Purpose.RIGHTS, by=by)


@transaction.atomic
def read_person(
    *,
    person_id: UUID,
    purpose: Purpose,
    by: Actor | User,
    countries: Collection[str] | None = None,
    details: dict[str, object] | None = None,
) -> dict[str, Any]:
    """Everything kept about a person, as sections of rows, and the consents that stand.

    With `countries` (ISO 3166) stays elsewhere stay hidden. `details` are codes that go into the
    ledger. Raises Person.DoesNotExist.
    """
    person = Person.objects.get(pk=person_id)
    record(
        action="person.read",
        by=by,
        purpose=purpose,
        subjects=[person_id],
        object_type="registrations.person",
        details=details,
    )
    stays = person.stays.select_related("place").order_by("starts_on", "pk")
    if countries is not None:
        stays = stays.filter(country__in=sorted(countries))
    standing = set(
        person.consents.filter(withdrawn_at__isnull=True).values_list("purpose", flat=True)
    )
    return {
        "reference": person.reference,
        "name": person.name,
        "contacts": [
            {"label": channel_label(contact.channel), "value": contact.address}
            for contact in person.contact_points.order_by("channel", "pk")
        ],
        "stays": [
            {
                "label": describe_days(stay.starts_on, stay.ends_on),
                "lines": [line for line in (_place_of(stay), stay.exact_address) if line],
            }
            for stay in stays
        ],
        "family": [
            {
                "label": contact.name,
                "lines": [
                    line for line in (contact.relationship, contact.phone, contact.mail) if line
                ],
            }
            for contact in person.family_contacts.order_by("created_at", "pk")
        ],
        "consents": [
            {"purpose": purpose.value, "label": purpose.label, "stands": purpose in standing}
            for purpose in ConsentPurpose
        ],
    }


def _place_of(stay: Stay) -> str:
    if stay.place:
        return label_place(stay.place)
    country = country_name(stay.country) if stay.country else ""
    return pin_label(country) if stay.cell else somewhere_label(country)
