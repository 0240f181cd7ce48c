"""How what is done with a notice stands in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.models import User
from audit import ledger
from audit.actors import Actor
from crises.actions.refusals import purpose_of
from crises.models import Notice


def record_notice(
    action: str, notice: Notice, *, by: User | Actor, details: Mapping[str, Any], note: str = ""
) -> None:
    ledger.record(
        action=action,
        by=by,
        purpose=purpose_of(notice.crisis),
        object_type="crises.notice",
        object_id=notice.pk,
        details=details,
        note=note,
    )
