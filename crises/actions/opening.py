"""Opening and closing a crisis, and saying where it is."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Post, User
from audit import ledger
from crises.actions.refusals import (
    OpenAlready,
    Refused,
    must_be_open,
    must_lead,
    must_name_own,
    purpose_of,
    sources_of_crisis,
)
from crises.actions.turns import take_turns
from crises.enums import AreaSource, CrisisState, NoticeState
from crises.locating import countries_of, time_zone_of
from crises.models import AffectedArea, Crisis
from crises.models.crises import PURGE_AFTER
from geography.areas import Area


@transaction.atomic
def open_crisis(
    *,
    title: str,
    is_drill: bool,
    area: Area,
    label: str,
    source: AreaSource | str,
    by: User,
    alert: dict[str, Any] | None = None,
    is_another: bool = False,
) -> Crisis:
    """Open a crisis with its first area. Raises Refused; OpenAlready where one is open from the
    same alert, or one that it updates, unless this `is_another`.

    `alert` are the facts of the file that the area came from (AlertFile.facts()). The same form
    sent twice opens one crisis.
    """
    countries = countries_of(area)
    _may_draw(by, area, countries)
    if alert and alert.get("status") != "Actual" and not is_drill:
        raise Refused(_("This alert was not issued in earnest: it can only open an exercise."))
    title = title.strip()[:120] or label[:120]
    User.objects.select_for_update().get(pk=by.pk)  # A second click waits for the first.
    twin = Crisis.objects.opened_just_now(by=by, title=title, is_drill=is_drill, area=area)
    if twin is not None:
        return twin
    if alert and not is_another:
        _must_be_first(alert, is_drill, by)
    crisis = Crisis.objects.create(
        title=title,
        is_drill=is_drill,
        post=_post_for(by, countries),
        opened_by=by,
        countries=countries,
    )
    ledger.record(
        action="crisis.open",
        by=by,
        purpose=purpose_of(crisis),
        object_type="crises.crisis",
        object_id=crisis.pk,
        details={"countries": countries, "drill": is_drill, "source": str(source)},
    )
    _add_area(crisis, area, countries, label, source, alert, by)
    return crisis


@transaction.atomic
def set_area(
    *,
    crisis: Crisis,
    area: Area,
    label: str,
    source: AreaSource | str,
    by: User,
    alert: dict[str, Any] | None = None,
) -> AffectedArea:
    """Give a crisis another area; notices already written keep theirs. Raises Refused."""
    crisis = Crisis.objects.select_for_update().get(pk=crisis.pk)
    must_be_open(crisis)
    must_lead(by, crisis.countries)
    countries = countries_of(area)
    _may_draw(by, area, countries)
    if alert and alert.get("status") != "Actual" and not crisis.is_drill:
        raise Refused(_("This alert was not issued in earnest: it can only serve an exercise."))
    Crisis.objects.filter(pk=crisis.pk).update(countries=sorted({*crisis.countries, *countries}))
    return _add_area(crisis, area, countries, label, source, alert, by)


@transaction.atomic
def close_crisis(*, crisis: Crisis, by: User) -> Crisis:
    """Close it: nothing more is sent, links last two weeks, and its erasure has a date."""
    from crises.actions.sending import stop_notice

    must_lead(by, crisis.countries)
    now = timezone.now()
    moved = Crisis.objects.filter(
        pk=crisis.pk, state__in=sources_of_crisis(CrisisState.CLOSED)
    ).update(state=CrisisState.CLOSED, closed_at=now, purge_on=(now + PURGE_AFTER).date())
    if not moved:
        raise Refused(_("This crisis is closed."))
    crisis.refresh_from_db()
    unfinished = crisis.notices.exclude(state__in=[NoticeState.SENT, NoticeState.ABORTED])
    stopped = [stop_notice(notice, by=by) for notice in unfinished.select_for_update()]
    ledger.record(
        action="crisis.close",
        by=by,
        purpose=purpose_of(crisis),
        object_type="crises.crisis",
        object_id=crisis.pk,
        details={"purge_on": crisis.purge_on, "stopped": len(stopped)},
    )
    return crisis


def _must_be_first(alert: dict[str, Any], is_drill: bool, by: User) -> None:
    """Two officers who read the same file at once open one crisis."""
    take_turns(str(alert.get("identifier", "")).encode())
    first = Crisis.objects.superseded_by(alert, is_drill=is_drill, by=by)
    if first is not None:
        raise OpenAlready(
            _(
                "“%(title)s” is open from this alert, or from one that it updates, already. Go on"
                " with that one, or say that this is another crisis."
            )
            % {"title": first.title}
        )


def _may_draw(by: User, area: Area, countries: list[str]) -> None:
    must_lead(by, countries)
    must_name_own(by, area)


def _post_for(by: User, countries: list[str]) -> Post:
    """The post whose 24-hour number stands in every notice."""
    post = by.post or Post.objects.for_countries(countries).first()
    post = post or Post.objects.order_by("name", "pk").first()
    if post is None:
        raise Refused(_("There is no post yet whose telephone could stand in a notice."))
    return post


def _add_area(
    crisis: Crisis,
    area: Area,
    countries: list[str],
    label: str,
    source: AreaSource | str,
    alert: dict[str, Any] | None,
    by: User,
) -> AffectedArea:
    affected = AffectedArea.objects.create(
        crisis=crisis,
        geojson=area.to_geojson(),
        digest=area.digest,
        source=AreaSource(source),
        label=label.strip()[:200] or crisis.title,
        alert=alert or {},
        countries=countries,
        time_zone=time_zone_of(area),
        created_by=by,
    )
    ledger.record(
        action="crisis.set_area",
        by=by,
        purpose=purpose_of(crisis),
        object_type="crises.affectedarea",
        object_id=affected.pk,
        details={
            "crisis": crisis.pk,
            "digest": area.digest,
            "source": str(source),
            "countries": countries,
            "square_km": round(area.square_km),
        },
    )
    return affected
