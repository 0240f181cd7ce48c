"""An address on a channel, as a value and as what it is found by."""

from __future__ import annotations

from notifications.enums import Channel
from privacy.blind_index import blind_index, blind_indexes
from privacy.sealing import CannotOpen
from registrations.answers import FamilyAnswer
from registrations.enums import TYPED_CHANNELS
from registrations.models import ContactPoint, FamilyContact
from registrations.validation import ChannelAddress, MailAddress, PhoneNumber

CONTACT_DOMAIN = "contact"
Typed = MailAddress | PhoneNumber
Address = Typed | ChannelAddress


def value_of(channel: str, address: str) -> Address:
    """The value object of an address that was parsed before."""
    if channel in TYPED_CHANNELS:
        return typed_value_of(channel, address)
    return ChannelAddress(channel, address)


def typed_value_of(channel: str, address: str) -> Typed:
    """The same, of a channel whose addresses are typed."""
    return MailAddress(address) if channel == Channel.MAIL else PhoneNumber(address)


def address_of(contact: FamilyAnswer) -> Typed | None:
    """Where a family contact is written to: by mail if it can be."""
    if contact.mail:
        return MailAddress(contact.mail)
    return PhoneNumber(contact.phone) if contact.phone else None


def index_of(value: Address) -> bytes:
    """What is saved beside the address."""
    return blind_index(CONTACT_DOMAIN, value.indexed)


def indexes_of(value: Address) -> list[bytes]:
    """What the address is looked up by: its index under every key of the ring, newest first."""
    return blind_indexes(CONTACT_DOMAIN, value.indexed)


def point_index(point: ContactPoint) -> bytes:
    """Compared with another's, whichever key each was saved under."""
    return index_of(value_of(point.channel, point.address))


def known_indexes(point: ContactPoint) -> set[bytes]:
    """Everything the point's address may stand under elsewhere; what it is saved under at least."""
    try:
        found = indexes_of(value_of(point.channel, point.address))
    except CannotOpen:  # Its key was lost: whoever erases it must still be able to.
        found = []
    return {bytes(point.address_index), *found}


def family_index(contact: FamilyContact) -> bytes | None:
    """What a family contact's address is saved under now; what stands where no address is kept."""
    address = family_address(contact)
    if address:
        return index_of(address)
    return None if contact.address_index is None else bytes(contact.address_index)


def family_address(contact: FamilyContact) -> Typed | None:
    return address_of(FamilyAnswer(name="", phone=contact.phone or "", mail=contact.mail or ""))
