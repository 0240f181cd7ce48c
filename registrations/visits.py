"""What a visitor's session holds of a registration: identifiers, and when it was last used.

A draft becomes a person under its own identifier, so that one entry stands for both. A person's
visit ends by itself after half an hour without a page; a draft keeps the session's eight hours.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts.networks import network_of

IDLE = dt.timedelta(minutes=30)
# Each page of a busy visit need not write the session.
_GRAIN = dt.timedelta(minutes=1)

_KEY = "registration"
_SEEN = "registration_seen"
_SIGN_IN = "sign_in"
_PROVING = "proving"
_REPLACED = "replaced"
# All that a visit leaves in its session.
KEYS = (_KEY, _SEEN, _SIGN_IN, _PROVING, _REPLACED)


def registration_id(request: HttpRequest) -> UUID | None:
    return _read(request, _KEY)


def begin(request: HttpRequest, draft_id: UUID) -> None:
    """Tie the visit to a draft, under a new session key: one planted before opens nothing."""
    # A visit that brought no key gets a new one anyway; changing it twice costs a transaction.
    if request.session.session_key:
        request.session.cycle_key()
    leave(request)
    request.session[_KEY] = str(draft_id)


def open_person(request: HttpRequest, person_id: UUID) -> None:
    """Open a person's registration for this visit, under a new session key."""
    begin(request, person_id)
    request.session[_SEEN] = timezone.now().timestamp()


def keep_open(request: HttpRequest, *, since: dt.datetime) -> bool:
    """Whether the visit of a person still runs, and if so, on from now.

    `since` is when it began, where no page was seen yet: when the person registered.
    """
    idle = _idle(request, since)
    if idle > IDLE:
        return False
    if _SEEN not in request.session or idle > _GRAIN:
        request.session[_SEEN] = timezone.now().timestamp()
    return True


def is_open(request: HttpRequest, *, since: dt.datetime) -> bool:
    """Whether the visit of a person still runs; asking does not keep it going."""
    return _idle(request, since) <= IDLE


def _idle(request: HttpRequest, since: dt.datetime) -> dt.timedelta:
    seen = dt.datetime.fromtimestamp(request.session.get(_SEEN, since.timestamp()), dt.UTC)
    return timezone.now() - seen


def leave(request: HttpRequest) -> None:
    """Forget the registration, and with it whatever was about to be changed there."""
    for key in KEYS:
        request.session.pop(key, None)


def finish(request: HttpRequest) -> None:
    """End the visit. An officer who is signed in beside it stays so."""
    if request.user.is_authenticated:
        leave(request)
    else:
        request.session.flush()


def sign_in_draft(request: HttpRequest) -> UUID | None:
    """The draft that holds the address of someone who is signing in."""
    return _read(request, _SIGN_IN)


def begin_sign_in(request: HttpRequest, draft_id: UUID) -> None:
    request.session.cycle_key()
    request.session[_SIGN_IN] = str(draft_id)


def leave_sign_in(request: HttpRequest) -> None:
    request.session.pop(_SIGN_IN, None)


def proving(request: HttpRequest) -> tuple[UUID | None, UUID | None]:
    """The draft that holds a new address of the person, and the contact point it will replace."""
    return _read(request, _PROVING), _read(request, _REPLACED)


def begin_proving(request: HttpRequest, draft_id: UUID, *, replaced: UUID | None) -> None:
    request.session[_PROVING] = str(draft_id)
    request.session[_REPLACED] = str(replaced) if replaced else ""


def leave_proving(request: HttpRequest) -> None:
    for key in (_PROVING, _REPLACED):
        request.session.pop(key, None)


def client_network(request: HttpRequest) -> str:
    """The network of whoever asks, as seen by the outermost proxy that is ours."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    proxies = settings.TRUSTED_PROXIES
    if proxies and len(forwarded) >= proxies:
        return network_of(forwarded[-proxies].strip())
    return network_of(request.META.get("REMOTE_ADDR", ""))


def _read(request: HttpRequest, key: str) -> UUID | None:
    try:
        return UUID(request.session.get(key, ""))
    except (ValueError, TypeError):
        return None
