"""What SMS gateways tell us: what became of a message, and what somebody answered."""

from __future__ import annotations

from notifications.channels.calls import Call, Forged, Taken
from notifications.channels.sms.shapes import shape_of
from notifications.providers import Provider


def read_call(provider: Provider, call: Call) -> Taken:
    """Raises Forged or Unreadable. STOP and its like are texts as any other."""
    shape = shape_of(provider)
    if shape is None:
        raise Forged  # Nobody can have signed in a shape that there is not.
    return shape.read_call(provider, call)
