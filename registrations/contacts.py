"""An address on a channel, as a value and as what it is found by."""

from __future__ import annotations

from notifications.enums import Channel
from privacy.blind_index import blind_index
from registrations.answers import FamilyAnswer
from registrations.validation import MailAddress, PhoneNumber

CONTACT_DOMAIN = "contact"


def value_of(channel: str, address: str) -> MailAddress | PhoneNumber:
    """The value object of an address that was parsed before."""
    return MailAddress(address) if channel == Channel.MAIL else PhoneNumber(address)


def address_of(contact: FamilyAnswer) -> MailAddress | PhoneNumber | None:
    """Where a family contact is written to: by mail if it can be."""
    if contact.mail:
        return MailAddress(contact.mail)
    return PhoneNumber(contact.phone) if contact.phone else None


def index_of(value: MailAddress | PhoneNumber) -> bytes:
    return blind_index(CONTACT_DOMAIN, value.indexed)
