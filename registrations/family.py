"""Family contacts: whether they may be listed, and their addresses for the dispatch engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError

from notifications.enums import Channel
from notifications.models import Delivery
from notifications.ports import Opened, Withheld
from registrations.invitations import name_for_stranger
from registrations.models import FamilyContact
from registrations.validation import PhoneNumber

FAMILY: Final = "family"


def has_objected(person_id: UUID, address_indexes: Sequence[bytes]) -> bool:
    """Whether whoever is reached there has said that this person shall not list them."""
    return FamilyContact.objects.filter(
        person_id=person_id, address_index__in=address_indexes, objected_at__isnull=False
    ).exists()


class FamilySource:
    """Family contacts who are told that they are listed, each with the name of who listed them."""

    def open(
        self, recipient_ids: Sequence[UUID], purpose: str, *, deliveries: Sequence[Delivery]
    ) -> dict[UUID, Opened | Withheld]:
        channels = {row.recipient_id: row.channel for row in deliveries}
        answer: dict[UUID, Opened | Withheld] = {pk: Withheld("erased") for pk in recipient_ids}
        for contact in FamilyContact.objects.filter(pk__in=recipient_ids).select_related("person"):
            answer[contact.pk] = _open(contact, channels.get(contact.pk, Channel.MAIL))
        return answer


def _open(contact: FamilyContact, channel: str) -> Opened | Withheld:
    if contact.objected_at:
        return Withheld("objected")
    address = contact.mail if channel == Channel.MAIL else contact.phone
    if not address:
        return Withheld("changed")
    if channel == Channel.SMS and not _takes_sms(address):
        return Withheld("not_mobile")
    return Opened(
        address=address,
        language=contact.language or contact.person.language,
        values={"name": name_for_stranger(contact.person.name)},
    )


def _takes_sms(number: str) -> bool:
    try:
        PhoneNumber.parse(number, mobile=True)
    except ValidationError:
        return False
    return True
