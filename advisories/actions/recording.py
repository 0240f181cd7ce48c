"""How what is done with a country's page stands in the ledger."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from advisories.models import Advice
from audit import ledger
from audit.actors import Actor
from audit.purposes import Purpose


def record_advice(action: str, advice: Advice, *, by: User | Actor, **details: Any) -> None:
    ledger.record(
        action=action,
        by=by,
        purpose=Purpose.ADVICE,
        object_type="advisories.advice",
        object_id=advice.pk,
        details={
            "country": advice.country,
            "version": advice.version,
            "level": int(advice.level),
            "urgent": advice.is_urgent,
            **details,
        },
    )
