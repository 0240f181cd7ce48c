"""Second factors: what was added and removed, and what an operator takes away when it is lost."""

from __future__ import annotations

from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.actions.noting import note_on
from accounts.actions.sessions import end_all_sessions
from accounts.models import User
from audit.actors import Actor
from audit.journal import journal


def note_second_factor_added(*, user: User, kind: str) -> None:
    note_on(user, "user.add_second_factor", by=user, kind=kind)


@transaction.atomic
def note_second_factor_removed(*, user: User, kind: str, keep: UUID | None) -> None:
    """Whoever held the lost device may be signed in with it: only this session stays.

    The caller renews the kept session's hash: django.contrib.auth.update_session_auth_hash.
    """
    end_all_sessions(user, keep=keep)
    journal("user.second_factor_removed", row_id=user.pk, code=kind)
    note_on(user, "user.remove_second_factor", by=user, kind=kind)


@transaction.atomic
def reset_second_factor(*, user: User, by: Actor | User, kind: str = "") -> int:
    """Remove every second factor and end every session; the next sign-in asks for a new one.

    Of one kind alone, if it is named. Returns how many factors there were.
    """
    factors = Authenticator.objects.filter(user_id=user.pk)
    removed, _ = (factors.filter(type=kind) if kind else factors).delete()
    end_all_sessions(user)
    journal("user.second_factor_removed", row_id=user.pk, code=kind)
    note_on(user, "user.reset_second_factor", by=by, removed=removed)
    return removed
