"""Alarms and entries for the tests."""

from __future__ import annotations

import uuid
from typing import Any

from accounts.models import User
from audit import ledger
from audit.models import Entry
from oversight.actions import look
from oversight.models import Alarm


def make_entry(by: Any = None, **changes: Any) -> Entry:
    """A reading of one person, unless told otherwise."""
    wanted: dict[str, Any] = {
        "action": "person.read",
        "by": by,
        "purpose": "crisis",
        "subjects": [uuid.uuid4()],
        "object_type": "registrations.person",
    }
    return ledger.record(**wanted | changes)


def make_alarm(by: User, action: str = "notice.break_glass") -> Alarm:
    """What the portal itself raises after such an act."""
    make_entry(by, action=action, subjects=())
    look()
    return Alarm.objects.order_by("-raised_at").first()  # type: ignore[return-value]
