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


def _someone() -> User:
    return User.objects.order_by("created_at").first() or make_coordinator()


def make_crisis(**fields: Any) -> Crisis:
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
    return baker.make(Crisis, **{**wanted, **fields})


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
        "message": baker.make(Message, purpose="crisis", state="done", expires_at=now),
        "frozen_count": 1,
    }
    return baker.make(Notice, **{**wanted, **fields})
