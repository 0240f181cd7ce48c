"""All that a version says, as one digest: what was read is what is published."""

from __future__ import annotations

import hashlib
import json

from advisories.models import Advice

TEXT_FIELDS: tuple[str, ...] = (
    "summary", "changed", "safety", "entry", "health", "laws", "before_leaving",
)  # fmt: skip


def digest_of(advice: Advice) -> str:
    """Hex SHA-256 over level, urgency, texts and numbers, as they stand in the database."""
    content = [
        advice.country,
        advice.version,
        int(advice.level),
        advice.is_urgent,
        advice.review_on.isoformat(),
        list(advice.texts.order_by("language").values_list("language", *TEXT_FIELDS)),
        list(advice.numbers.order_by("position").values_list("kind", "number")),
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
