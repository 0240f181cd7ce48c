"""What the ledger keeps of an act on a user's account."""

from __future__ import annotations

from accounts.models import User
from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose


def note_on(user: User, action: str, *, by: Actor | User | None, **details: str | int) -> None:
    """One entry of the ledger about a user's account. `details` are codes and counts."""
    record(
        action=action,
        by=by,
        purpose=Purpose.ADMINISTRATION,
        object_type="accounts.user",
        object_id=str(user.pk),
        details={"role": user.role, **details},
    )
