"""Alarms and entries for the tests."""

from __future__ import annotations

import uuid
from typing import Any

from accounts.models import User
from audit import ledger
from audit.models import Entry
from oversight.actions import look
from oversight.enums import AlarmKind
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


def make_alarm(by: User) -> Alarm:
    """What the portal itself raises after somebody approved a notice alone."""
    make_entry(by, action="notice.break_glass", subjects=())
    look()
    return Alarm.objects.get(kind=AlarmKind.APPROVED_ALONE, actor_id=str(by.pk))
