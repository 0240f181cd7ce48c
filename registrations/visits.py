"""What a visitor's session holds of a registration: one identifier, the draft's and the person's.

A draft becomes a person under its own identifier, so the session never changes on the way.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from registrations.limits import network_of

_KEY = "registration"


def registration_id(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.session.get(_KEY, ""))
    except (ValueError, TypeError):
        return None


def begin(request: HttpRequest, draft_id: UUID) -> None:
    """Tie the visit to a draft, under a new session key: one planted before opens nothing."""
    request.session.cycle_key()
    request.session[_KEY] = str(draft_id)


def leave(request: HttpRequest) -> None:
    request.session.pop(_KEY, None)


def client_network(request: HttpRequest) -> str:
    """The network of whoever asks, as seen by the outermost proxy that is ours."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    proxies = settings.TRUSTED_PROXIES
    if proxies and len(forwarded) >= proxies:
        return network_of(forwarded[-proxies].strip())
    return network_of(request.META.get("REMOTE_ADDR", ""))
