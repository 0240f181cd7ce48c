"""What is known of the size of an area and its audience, for `crises.proportion` to judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection

from crises.enums import AreaSource, NoticeKind
from crises.locating import countries_of
from crises.models import AffectedArea, Notice
from crises.proportion import Size, warnings_of
from geography.areas import Area
from registrations.estimating import estimate
from registrations.models import Person

# The planner's own estimate serves where counting would read millions of rows.
_REGISTERED = """
SELECT CASE WHEN reltuples >= 50000 THEN reltuples::bigint ELSE (SELECT count(*) FROM {table}) END
FROM pg_class WHERE oid = '{table}'::regclass
"""


def warnings_about(
    area: AffectedArea, people: int, *, expected: int | None = None, severity: str = ""
) -> list[str]:
    """What is out of proportion in a crisis's area and audience, in translated sentences.

    `severity` as a notice says it; else the alert's.
    """
    facts = {**area.alert, "severity": severity or area.alert.get("severity", "")}
    is_circle = area.source == AreaSource.CIRCLE
    return warnings_about_drawing(
        area.area,
        facts,
        people,
        expected=expected,
        is_circle=is_circle,
        alert_square_km=_drawn_by_the_alert(area),
    )


def warnings_about_notice(notice: Notice) -> list[str]:
    """The same of a notice, by its own severity and the people it was last counted for."""
    people = notice.previewed_people
    if people is None or notice.kind == NoticeKind.RELAY:
        return []
    found = estimate(notice.area.area, registered_people=people)
    return warnings_about(
        notice.area,
        people,
        expected=found.low if found.is_known else None,
        severity=notice.severity,
    )


def warnings_about_drawing(
    area: Area,
    alert: Mapping[str, Any],
    people: int,
    *,
    expected: int | None = None,
    is_circle: bool = False,
    alert_square_km: float | None = None,
) -> list[str]:
    """The same of an area while it is drawn; `alert` are the facts that it began with."""
    return warnings_of(
        Size(
            square_km=area.square_km,
            countries=len(countries_of(area)),
            is_circle=is_circle,
            people=people,
            registered=_registered(),
            expected=expected,
            alert_square_km=alert_square_km,
            hazard=str(alert.get("hazard", "")),
            magnitude=_number(alert.get("measures", {}).get("magnitude")),
            severity=str(alert.get("severity", "")),
        )
    )


def _drawn_by_the_alert(area: AffectedArea) -> float | None:
    """The first area that came from the same alert, where this one has been changed since."""
    identifier = area.alert.get("identifier")
    if not identifier:
        return None
    siblings = AffectedArea.objects.filter(
        crisis=area.crisis_id, source=AreaSource.FILE, alert__identifier=identifier
    )
    first = siblings.order_by("created_at", "pk").first()
    return None if first is None or first.pk == area.pk else first.area.square_km


def _registered() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_REGISTERED.format(table=Person._meta.db_table))
        return int(cursor.fetchone()[0])


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
