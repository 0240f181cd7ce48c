"""Mail addresses: what one may be, and whose stands in From."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import formataddr, getaddresses, quote

from django.conf import settings

from notifications.channels.ports import BadAddress, one_line
from notifications.providers import Provider

# Quoted local parts are legal, never seen, and a way to smuggle a second address in.
_ADDRESS = re.compile(
    r"[^\s\x00-\x1f\x7f<>()\[\],;:\\\"@]{1,64}@[^\s\x00-\x1f\x7f<>()\[\],;:\\\"@]+"
)


def envelope_address(address: str) -> str:
    """The address as SMTP takes it, its domain in ASCII. Raises BadAddress."""
    if len(address) > 254 or not _ADDRESS.fullmatch(address):
        raise BadAddress
    local, _, domain = address.rpartition("@")
    if "" in domain.split("."):
        raise BadAddress
    if domain.isascii():
        return address
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise BadAddress from None


@dataclass(slots=True, frozen=True)
class Sender:
    """Who stands in From. `address` is empty where the operator gave none."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    @property
    def header(self) -> str:
        """As a header takes it, in ASCII."""
        return formataddr((self.name, self.address))

    @property
    def words(self) -> str:
        """As a library takes it that encodes names by itself."""
        return f'"{quote(self.name)}" <{self.address}>' if self.name else self.address


def sender_of(provider: Provider) -> Sender:
    found = getaddresses([one_line(provider.option("sender", settings.DEFAULT_FROM_EMAIL))])
    try:
        [(name, address)] = found
        return Sender(name, envelope_address(address))
    except ValueError:  # BadAddress is one.
        return Sender("", "")


def sender_problems(provider: Provider) -> list[str]:
    if sender_of(provider).address:
        return []
    variable = (
        f"MAIL_{provider.name.upper()}_SENDER"
        if provider.option("sender")
        else "DEFAULT_FROM_EMAIL"
    )
    return [f"{variable} holds no mail address."]
