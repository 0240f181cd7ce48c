"""Sessions of users: begun at sign-in, kept by use, ended by time, by their user or from afar."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.actions.noting import note_on
from accounts.lockouts import KNOWN_FOR, REMEMBERED
from accounts.models import KnownNetwork, RefusedTry, User, UserSession
from accounts.sessions import LONGEST
from audit.actors import Actor


def begin_session(*, user: User, device: str, address: str) -> UserSession:
    """Enter a sign-in into the list that its user can read and shorten."""
    return UserSession.objects.create(user=user, device=device, address=address)


def keep_session(*, session: UserSession, now: dt.datetime, by_hand: bool) -> None:
    """Note that a session is in use; `by_hand` when its user asked for the page."""
    session.seen_at = now
    if by_hand:
        session.acted_at = now
    UserSession.objects.filter(pk=session.pk).update(
        seen_at=session.seen_at, acted_at=session.acted_at
    )


@transaction.atomic
def end_session(*, user: User, session_id: UUID, by: Actor | User) -> bool:
    """End one session of this user. Returns whether there was one."""
    ended, _ = UserSession.objects.filter(pk=session_id, user=user).delete()
    if ended:
        note_on(user, "user.end_session", by=by)
    return ended > 0


@transaction.atomic
def revoke_sessions(*, user: User, by: Actor | User, keep: UUID | None = None) -> int:
    """End every session of this user but `keep`. Returns how many ended.

    Whoever keeps one must renew its hash: django.contrib.auth.update_session_auth_hash.
    """
    ended = end_all_sessions(user, keep=keep)
    note_on(user, "user.revoke_sessions", by=by, ended=ended)
    return ended


def end_all_sessions(user: User, *, keep: UUID | None = None) -> int:
    """Part of an act that stands in the ledger by itself."""
    ended = close_sessions(user, keep=keep)
    # Ends what is in no list as well: the version is part of each session's hash.
    User.objects.filter(pk=user.pk).update(session_version=F("session_version") + 1)
    user.refresh_from_db()
    return ended


def close_sessions(user: User, *, keep: UUID | None = None) -> int:
    """Take the sessions of this user but `keep` off the list, which ends them."""
    sessions = UserSession.objects.filter(user=user)
    if keep is not None:
        sessions = sessions.exclude(pk=keep)
    return sessions.delete()[0]


def erase_ended_sessions() -> int:
    """Erase sessions, refused tries and known networks whose time is over; returns how many."""
    now = timezone.now()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    erased = 0
    for rows in (
        UserSession.objects.filter(began_at__lt=now - LONGEST),
        RefusedTry.objects.filter(at__lt=now - REMEMBERED),
        KnownNetwork.objects.filter(used_at__lt=now - KNOWN_FOR),
    ):
        erased += rows.delete()[0]
    return erased
