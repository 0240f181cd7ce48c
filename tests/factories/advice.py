"""Countries' pages to test advice with."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from accounts.models import User
from advisories.enums import AdviceState
from advisories.models import Advice, AdviceText, EmergencyNumber
from tests.factories.accounts import make_officer, make_post

TEXTS = {
    "en": {"summary": "Mountain roads close in the rain.", "changed": "The airport road is open."},
    "es": {"summary": "Las carreteras se cierran con la lluvia.", "changed": "Hay paso."},
}


def make_advice(
    country: str = "NP",
    *,
    texts: dict[str, dict[str, str]] | None = None,
    numbers: dict[str, str] | None = None,
    **fields: Any,
) -> Advice:
    """A published first version of Nepal's page, unless told otherwise."""
    given: dict[str, Any] = {
        "version": 1,
        "state": AdviceState.PUBLISHED,
        "level": 2,
        "review_on": timezone.now().date() + dt.timedelta(days=90),
        "written_by": fields.get("written_by") or make_officer(),
    }
    if given["state"] == fields.get("state", AdviceState.PUBLISHED):
        given |= {
            "published_by": make_officer(),
            "published_at": timezone.now(),
            "checked_on": timezone.now().date(),
        }
    advice = Advice.objects.create(country=country, **(given | fields))
    for language, words in (TEXTS if texts is None else texts).items():
        AdviceText.objects.create(advice=advice, language=language, **words)
    for position, (kind, number) in enumerate((numbers or {"police": "100"}).items()):
        EmergencyNumber.objects.create(advice=advice, kind=kind, number=number, position=position)
    return advice


def make_author_and_publisher(**post_fields: Any) -> tuple[User, User]:
    """Two officers of one post."""
    post = make_post(**post_fields)
    return make_officer(post=post), make_officer(post=post)
