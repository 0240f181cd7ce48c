"""How a user's way in, lost or stolen since, is taken again in a restored database."""

from __future__ import annotations

from allauth.mfa.models import Authenticator

from accounts.actions import deactivate_user, reset_second_factor, void_password
from accounts.models import User
from audit.actors import Actor
from audit.journal import bind_replayer
from audit.journal.replayers import Replayed

_BY = Actor.system("journal")


def bind_replayers() -> None:
    bind_replayer("user.deactivated", _deactivate)
    bind_replayer("user.password_changed", _void_password)
    bind_replayer("user.second_factor_removed", _remove_second_factor)


def _deactivate(line: Replayed) -> bool:
    user = User.objects.filter(pk=line.row, is_active=True).first()
    if user is None:
        return False
    deactivate_user(user=user, by=_BY)
    return True


def _void_password(line: Replayed) -> bool:
    """The one in the backup may have been changed because somebody else knew it."""
    user = User.objects.filter(pk=line.row).first()
    return user is not None and void_password(user=user, by=_BY)


def _remove_second_factor(line: Replayed) -> bool:
    """A device that was lost or stolen. One line names a kind or, after a reset, none."""
    user = User.objects.filter(pk=line.row).first()
    factors = Authenticator.objects.filter(user_id=line.row)
    if user is None or not (factors.filter(type=line.code) if line.code else factors).exists():
        return False
    reset_second_factor(user=user, by=_BY, kind=line.code)
    return True
