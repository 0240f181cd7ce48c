"""Counting who is in an area. Every count leaves a ledger entry."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import ledger
from audit.purposes import Purpose
from crises import previewing
from crises.actions.refusals import (
    Refused,
    must_be_open,
    must_include_someone,
    must_lead,
    must_name_own,
    purpose_of,
)
from crises.calm import CalmCount, calm_count
from crises.drafting import area_of
from crises.enums import DEFAULT_CLASSES, NoticeKind
from crises.locating import countries_of
from crises.models import AffectedArea, AreaDraft, Crisis
from crises.previewing import Preview
from geography.areas import Area
from registrations.limits import take_turn

# An alert's own dates never set it: people there now, and in the next three days.
WINDOW = timedelta(hours=72)
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
    """Count who would be written to. In an open crisis only, and each count is in the ledger.

    In an exercise nobody sees these figures before the notice has gone out: they are shown
    `count_calmly`. Raises Refused.
    """
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
            **_figures(found),
        },
    )
    return found


@transaction.atomic
def count_draft(*, draft: AreaDraft, by: User) -> Preview | CalmCount:
    """Count who is in an area while it is being drawn: in an open crisis, in full; else calmly.

    Raises Refused, and InvalidArea where the pieces make no area.
    """
    area = area_of(draft.pieces)
    crisis = draft.crisis
    if crisis is None or crisis.is_drill:
        return count_calmly(area=area, by=by, is_drill=draft.is_drill)
    must_be_open(crisis)
    must_lead(by, crisis.countries)
    must_lead(by, countries_of(area))
    must_name_own(by, area)
    now = timezone.now()
    found = previewing.preview(
        area, now, now + WINDOW, DEFAULT_CLASSES, crisis_id=crisis.pk, in_full=False
    )
    ledger.record(
        action="audience.preview",
        by=by,
        purpose=purpose_of(crisis),
        object_type="crises.areadraft",
        object_id=draft.pk,
        details={"crisis": crisis.pk, "digest": area.digest, **_figures(found)},
    )
    return found


@transaction.atomic
def count_calmly(*, area: Area, by: User, is_drill: bool = False) -> CalmCount:
    """Count while no crisis is open, or in an exercise: whole hexagons and round numbers.

    Only in the officer's countries, so often an hour, and each count is in the ledger. Raises
    Refused.
    """
    must_lead(by, countries_of(area))
    if not take_turn("count_calmly", str(by.pk), limit=settings.CALM_COUNTS_PER_HOUR):
        raise Refused(
            _(
                "You have counted many areas within an hour. Count again in an hour, or open the "
                "crisis: then everything is counted."
            )
        )
    found = calm_count(area, countries=by.countries)
    ledger.record(
        action="audience.count",
        by=by,
        purpose=Purpose.EXERCISE if is_drill else Purpose.CRISIS,
        object_type="crises.hexagons",
        details={"digest": found.digest, "people": found.people},
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


def _figures(found: Preview) -> dict[str, Any]:
    return {
        "people": found.people,
        "messages": found.messages,
        "reported": found.reported_people,
    }
