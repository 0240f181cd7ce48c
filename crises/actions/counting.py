"""Counting who is in an area. Every count leaves a ledger entry."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit import ledger
from crises import previewing
from crises.actions.refusals import (
    Refused,
    must_be_open,
    must_include_someone,
    must_lead,
    purpose_of,
)
from crises.enums import NoticeKind
from crises.models import AffectedArea, Crisis
from crises.previewing import Preview

LONGEST_WINDOW = timedelta(days=366)


@transaction.atomic
def preview_audience(
    *,
    crisis: Crisis,
    area: AffectedArea,
    window_start: datetime,
    window_end: datetime,
    classes: Collection[str],
    by: User,
    kind: NoticeKind | str = NoticeKind.NOTICE,
) -> Preview:
    """Count who would be written to. In an open crisis only, and each count is in the ledger."""
    must_be_open(crisis)
    must_lead(by, crisis.countries)
    check_audience(crisis, area, window_start, window_end, classes)
    found = previewing.preview(
        area.area, window_start, window_end, classes, kind=NoticeKind(kind), crisis_id=crisis.pk
    )
    ledger.record(
        action="audience.preview",
        by=by,
        purpose=purpose_of(crisis),
        object_type="crises.affectedarea",
        object_id=area.pk,
        details={
            "crisis": crisis.pk,
            "digest": area.digest,
            "kind": str(kind),
            "classes": sorted(classes),
            "from": window_start,
            "until": window_end,
            "people": found.people,
            "messages": found.messages,
            "reported": found.reported_people,
        },
    )
    return found


def check_audience(
    crisis: Crisis,
    area: AffectedArea,
    start: datetime,
    end: datetime,
    classes: Collection[str],
) -> None:
    """Raise Refused unless it is an audience of this crisis."""
    if area.crisis_id != crisis.pk:
        raise Refused(_("This area belongs to another crisis."))
    if end <= start:
        raise Refused(_("The window must end after it starts."))
    if end - start > LONGEST_WINDOW:
        raise Refused(_("The window is longer than a year."))
    must_include_someone(classes)
