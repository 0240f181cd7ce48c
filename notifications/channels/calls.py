"""What providers call us with: receipts for what we sent, and what people answer.

A channel folder whose providers call has a `webhooks` module with `read_call(provider, call)`, and
`answer_challenge(provider, call) -> bytes` where a provider first asks whether we are there. Where
calls may be longer than BODY_LIMIT, `body_limit(provider, call) -> int` says before the body is
read how many bytes this one may have; it may raise Forged.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from uuid import UUID

from notifications.channels.installed import channel_names
from notifications.ports import Inbound

BODY_LIMIT = 256 * 1024  # bytes


class Forged(Exception):
    """The call is not signed by the provider, or by nobody we know. Carries nothing personal."""


class Unnamed(Forged):
    """The call names nobody: its caller gives name and password only once it is asked (Amazon)."""


class Unreadable(Exception):
    """The call is signed, and is not what this provider sends. Carries nothing personal."""


@dataclass(slots=True, frozen=True)
class Call:
    """What a provider sent us. `url` is the public address, as the provider signed it; `headers`
    are found in whatever case. Its repr shows nothing personal and no signature."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    received_at: datetime


class ReceiptKind(StrEnum):
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"  # This message did not arrive.
    BOUNCED = "bounced"  # This address does not exist.
    COMPLAINED = "complained"  # The recipient marked it as spam.


@dataclass(slots=True, frozen=True)
class Receipt:
    """What became of one message: by our identifier if the provider echoes it, else by its own
    reference. `code` is ours and short."""

    kind: ReceiptKind
    delivery_id: UUID | None
    provider_reference: str = ""
    code: str = ""
    at: datetime | None = None


@dataclass(slots=True, frozen=True)
class Taken:
    """What one call says, and what the provider wants to be answered."""

    receipts: Sequence[Receipt] = ()
    replies: Sequence[Inbound] = ()
    answer: bytes = b""
    content_type: str = "application/json"


def signed_with(secret: str, signature: str, *parts: bytes, digest: str = "sha256") -> bool:
    """Whether a hexadecimal signature is the HMAC of these parts, one after the other.

    Takes as long for every signature; nothing is signed with an empty secret.
    """
    if not secret:
        return False
    made = hmac.new(secret.encode(), b"".join(parts), digest).hexdigest()
    return hmac.compare_digest(made.encode(), signature.strip().lower().encode())


def webhooks_of(channel: str) -> ModuleType | None:
    """The module that reads a channel's calls; None where nobody calls back."""
    if channel not in channel_names():
        return None
    name = f"notifications.channels.{channel}.webhooks"
    return import_module(name) if find_spec(name) else None
