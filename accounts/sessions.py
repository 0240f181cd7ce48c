"""How long a user's session lasts. A page that is watched keeps it for longer, not for ever."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.http import HttpRequest

from accounts.models import UserSession

# Nothing was asked for: the browser is closed, or the desk is empty.
IDLE = dt.timedelta(minutes=30)
# The figures of an open page go on, but nobody has touched it: an officer who watches the answers
# come in through the night is not thrown out each half hour, an abandoned screen is.
UNATTENDED = dt.timedelta(hours=2)
# From sign-in to sign-in, whatever happens between.
LONGEST = dt.timedelta(hours=8)
# Each page of a busy session need not write.
GRAIN = dt.timedelta(minutes=1)

SESSION_KEY = "user_session"


def this_session(request: HttpRequest) -> UUID | None:
    """The row of the request's own session."""
    held = request.session.get(SESSION_KEY)
    return UUID(held) if held else None


def is_over(session: UserSession, now: dt.datetime) -> bool:
    return (
        now - session.seen_at > IDLE
        or now - session.acted_at > UNATTENDED
        or now - session.began_at > LONGEST
    )


def is_due(session: UserSession, now: dt.datetime, *, by_hand: bool) -> bool:
    """Whether this use of a session is worth writing down."""
    return now - (session.acted_at if by_hand else session.seen_at) > GRAIN


def is_by_hand(request: HttpRequest) -> bool:
    """Whether the user asked for this, and not a script of a page that stands open."""
    mode = request.headers.get("Sec-Fetch-Mode", "navigate")
    return "HX-Request" not in request.headers and mode == "navigate"
