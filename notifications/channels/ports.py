"""What a channel offers the engine. Adding a channel is adding a folder with a transport.py.

The folder's `__init__` says what it is called (installed.py). Its `transport` module has
`open_transport(provider) -> Transport`, `compose(text, provider) -> Composer` and
`check_config(provider) -> list[str]`, which tells the operator what is missing. Where providers
call back, its `webhooks` module has `read_call(provider, call) -> Taken`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from typing import Protocol, cast
from uuid import UUID

from notifications.channels.installed import channel_names
from notifications.enums import Lane
from notifications.models import MessageText
from notifications.providers import Provider

# A warning twice is better than none; of anything else, none is better than two.
CRISIS_ONLY = frozenset({Lane.CRISIS})

# The value by which a channel that can offers a button of its own to end such messages.
UNSUBSCRIBE = "unsubscribe"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    RETRY = "retry"  # The provider does not have it, and may take it later.
    FAILED = "failed"  # The provider will never take it.
    UNCERTAIN = "uncertain"  # The provider may have it.


class Fault(StrEnum):
    """Whose fault it is that something was not taken, or cannot be known to have been."""

    PROVIDER = "provider"  # It is down, silent, or refuses us: counts towards its circuit.
    RECIPIENT = "recipient"  # A passing refusal of this one (greylisting, a full mailbox).
    NOBODY = "nobody"  # Nothing was tried: no attempt is counted.


@dataclass(slots=True, frozen=True)
class Outcome:
    """What became of one attempt. `code` is ours and short: never a provider's own words, which
    quote addresses."""

    verdict: Verdict
    code: str = ""
    reference: str = ""
    retry_after: float | None = None  # seconds, as the provider asked: all of us let it rest
    fault: Fault = Fault.PROVIDER  # of RETRY and UNCERTAIN
    gone: bool = False  # of FAILED: this address will never work again


@dataclass(slots=True, frozen=True)
class Letter:
    """One message to one recipient, ready to be sent. Its repr shows nothing personal."""

    delivery_id: UUID
    address: str = field(repr=False)
    payload: bytes = field(repr=False)


class BadAddress(ValueError):
    """The address can never work on this channel. Carries no address."""


class Composer(Protocol):
    """The text of a message in one language, composed once and filled in for each person."""

    def fill(self, delivery_id: UUID, address: str, values: Mapping[str, str]) -> Letter:
        """Raises BadAddress, or templates.MissingValue."""
        ...


class Transport(Protocol):
    """Open connections to one provider, living in the engine's event loop."""

    can_look_up: bool
    # The lanes in which a message in doubt goes once more where nobody can be asked for it.
    resend_in_doubt: frozenset[Lane]

    async def send(self, letters: Sequence[Letter]) -> list[Outcome]:
        """Send each letter by itself; answers in the same order and never raises."""
        ...

    async def look_up(self, references: Sequence[UUID]) -> list[Outcome]:
        """ACCEPTED: the provider has it. FAILED: it does not. UNCERTAIN: ask again later."""
        ...

    async def close(self) -> None: ...


class ChannelModule(Protocol):
    def open_transport(self, provider: Provider) -> Transport: ...

    def compose(self, text: MessageText, provider: Provider) -> Composer: ...

    def check_config(self, provider: Provider) -> list[str]: ...


def channel_module(channel: str) -> ChannelModule:
    """Raises LookupError for a channel that has no folder."""
    if channel not in channel_names():
        raise LookupError("There is no such channel.")
    return cast(ChannelModule, import_module(f"notifications.channels.{channel}.transport"))


def one_line(value: str) -> str:
    """Without line breaks and control characters, so that no value can forge a header or a line."""
    return _CONTROL.sub(" ", value).strip()
