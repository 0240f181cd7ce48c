"""How a user's way in is taken again in a restored database."""

from __future__ import annotations

from accounts.actions import deactivate_user
from accounts.models import User
from audit.actors import Actor
from audit.journal import bind_replayer
from audit.journal.replayers import Replayed


def bind_replayers() -> None:
    bind_replayer("user.deactivated", _deactivate)


def _deactivate(line: Replayed) -> bool:
    user = User.objects.filter(pk=line.row, is_active=True).first()
    if user is None:
        return False
    deactivate_user(user=user, by=Actor.system("journal"))
    return True
