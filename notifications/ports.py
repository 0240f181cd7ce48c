"""The doors through which the floors above serve this one, bound when the apps start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from notifications.models import Delivery


@dataclass(slots=True, frozen=True)
class Opened:
    """One recipient, readable for the time of one sending. Its repr shows nothing personal."""

    address: str = field(repr=False)
    language: str
    values: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(slots=True, frozen=True)
class Withheld:
    """Why this recipient gets nothing: no_consent, answered, erased, ..."""

    reason: str


class RecipientSource(Protocol):
    def open(
        self, recipient_ids: Sequence[UUID], purpose: str, *, deliveries: Sequence[Delivery]
    ) -> dict[UUID, Opened | Withheld]:
        """Open a claimed batch at once. An id that is missing from the answer is withheld."""
        ...


@dataclass(slots=True, frozen=True)
class Inbound:
    """A reply that came in over a channel. `text` and `sender` are personal: never logged.

    `provider_reference` is the provider's name for it, so that the same one counts once;
    `in_reply_to` the delivery that is answered, where the channel says so.
    """

    channel: str
    sender: str = field(repr=False)
    text: str = field(repr=False)
    provider: str = ""
    provider_reference: str = ""
    in_reply_to: UUID | None = None


class Undeliverable(StrEnum):
    """Why an address should not be written to as before."""

    BOUNCED = "bounced"  # It does not exist.
    COMPLAINED = "complained"  # Its owner marked what we sent as spam.


class InboundHandler(Protocol):
    def reply(self, inbound: Inbound) -> None:
        """Take a reply. It must never raise for a text that it does not understand."""
        ...

    def undeliverable(self, delivery_ids: Sequence[UUID], kind: Undeliverable) -> None:
        """Take that a provider said this of the addresses of these deliveries."""
        ...


class NoSource(LookupError):
    """No floor above answers for this purpose."""


@dataclass(slots=True, frozen=True)
class Paths:
    """Where {link} and {stop} of a message lead, before their token. `stop` is empty where nobody
    can be unsubscribed by one click."""

    link: str = "/a/"
    stop: str = ""


_sources: dict[str, RecipientSource] = {}
_paths: dict[str, Paths] = {}
_inbound: list[InboundHandler] = []


def bind_source(purpose: str, source: RecipientSource, paths: Paths = Paths()) -> None:
    _sources[purpose] = source
    _paths[purpose] = paths


def paths_of(purpose: str) -> Paths:
    return _paths.get(purpose, Paths())


def source_for(purpose: str) -> RecipientSource:
    try:
        return _sources[purpose]
    except KeyError:
        raise NoSource(purpose) from None


def bind_inbound(handler: InboundHandler) -> None:
    _inbound[:] = [handler]


def inbound_handler() -> InboundHandler | None:
    return _inbound[0] if _inbound else None
