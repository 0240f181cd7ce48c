"""The interfaces that SMS gateways speak, a module each. `SMS_<NAME>_SHAPE` names one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from notifications.channels.calls import Call, Taken
from notifications.channels.ports import Outcome
from notifications.channels.sms.shapes import generic, twilio
from notifications.providers import Provider


class Shape(Protocol):
    """What such a module holds."""

    @property
    def CAN_LOOK_UP(self) -> bool:
        """Whether the gateway can be asked for a message by our reference."""
        ...

    def headers(self, provider: Provider) -> Mapping[str, str]: ...

    def send_url(self, provider: Provider) -> str:
        """Where messages are posted; empty where the operator has not said."""
        ...

    def look_up_url(self, provider: Provider, reference: UUID) -> str: ...

    def payload(self, provider: Provider, delivery_id: UUID, to: str, text: str) -> bytes: ...

    def outcome_of(self, status: int, body: bytes, wait: str | None = None) -> Outcome:
        """What an answer to a message means. `wait` is its Retry-After."""
        ...

    def problems(self, provider: Provider) -> list[str]:
        """What the operator has to set, each a sentence that names the variable."""
        ...

    def read_call(self, provider: Provider, call: Call) -> Taken:
        """Raises Forged or Unreadable."""
        ...


SHAPES: Mapping[str, Shape] = {"generic": generic, "twilio": twilio}


def shape_of(provider: Provider) -> Shape | None:
    """None for a shape that there is not: then nothing is sent, and nobody is given up."""
    return SHAPES.get(provider.option("shape", "generic"))
