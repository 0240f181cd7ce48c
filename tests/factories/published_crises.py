"""Crises and notices as the partner API finds them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from model_bakery import baker

from accounts.models import User
from crises.models import AffectedArea, Crisis, Notice
from notifications.models import Message
from tests.factories.accounts import make_coordinator

_HAS_RECIPIENTS = {"frozen", "sending", "sent", "aborted"}


def _someone() -> User:
    return User.objects.order_by("created_at").first() or make_coordinator()


def make_crisis(*, told: bool = True, **fields: Any) -> Crisis:
    """A crisis of which a notice has gone out, unless `told` says otherwise."""
    wanted: dict[str, Any] = {
        "title": "Earthquake, Gorkha",
        "state": "open",
        "is_drill": False,
        "countries": ["NP"],
        "opened_at": timezone.now(),
        "closed_at": None,
        "post": None,
    }
    if "opened_by" not in fields:
        wanted["opened_by"] = _someone()
    crisis = baker.make(Crisis, **{**wanted, **fields})
    if told:
        make_notice(
            crisis=crisis, version=1, state="sent",
            urgency="Immediate", severity="Severe", certainty="Observed",
        )  # fmt: skip
    return crisis


def make_notice(*, crisis: Crisis, **fields: Any) -> Notice:
    """A notice of the crisis; one that is sent was approved by someone else than its author."""
    now = timezone.now()
    area = baker.make(AffectedArea, crisis=crisis, geojson={}, created_by=crisis.opened_by)
    wanted: dict[str, Any] = {
        "crisis": crisis,
        "area": area,
        "window_start": now,
        "window_end": now + timedelta(hours=72),
        "classes": ["inside"],
        "author": crisis.opened_by,
        "approver": make_coordinator(),
        "approved_at": now,
        "frozen_count": 1,
    }
    if "message" not in fields and fields.get("state") in _HAS_RECIPIENTS:
        fields["message"] = baker.make(Message, purpose="crisis", state="done", expires_at=now)
    return baker.make(Notice, **{**wanted, **fields})
