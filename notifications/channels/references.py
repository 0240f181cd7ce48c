"""How a provider's own reference is kept where it would tell who the recipient is.

WhatsApp's names the telephone number in plain base64, Telegram's means something in a chat only.
A keyed digest of it serves as well to find the delivery that a receipt or a reply is about.
"""

from __future__ import annotations

import base64
from uuid import UUID

from notifications.models import Delivery
from notifications.providers import Provider
from privacy.tokens import keyed_digest


def kept_reference(channel: str, *parts: str) -> str:
    """22 characters, the same for the same parts of the same channel."""
    encoded = [part.encode("utf-8", "surrogatepass") for part in (channel, *parts)]
    digest = keyed_digest("provider-reference", *encoded)[:16]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def delivery_behind(provider: Provider, reference: str) -> UUID | None:
    """The delivery that this provider knows by a kept reference."""
    found = Delivery.objects.filter(provider_reference=reference, provider=provider.key)
    return found.values_list("pk", flat=True).first() if reference else None
