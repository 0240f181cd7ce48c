"""What an unfinished area comes to, for the page and for the map's script."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from crises.actions.refusals import Refused, must_lead, must_name_own, must_see_all
from crises.locating import countries_of
from crises.models import AreaDraft
from geography.areas import Area, InvalidArea
from geography.countries import country_name


def state_of(draft: AreaDraft) -> dict[str, Any]:
    """{"pieces", "version", "area": GeoJSON or None, "square_km", "countries", "problem"}."""
    state: dict[str, Any] = {
        "pieces": draft.pieces,
        "version": draft.version,
        "area": None,
        "square_km": 0,
        "countries": [],
        "problem": "",
    }
    if not draft.pieces:
        return state
    try:
        area = draft.area
    except InvalidArea as error:
        return state | {"problem": str(error)}
    return state | {
        "area": area.to_geojson(),
        "square_km": round(area.square_km),
        "countries": [country_name(code) for code in countries_of(area)],
    }


def warnings_on(area: Area | None, officer: User) -> list[str]:
    """Why this officer could not use the area as it is, or not decide on it alone: whom to ask."""
    if area is None:
        return []
    countries = countries_of(area)
    try:
        must_lead(officer, countries)
        must_name_own(officer, area)
    except Refused as refusal:
        return [str(refusal)]
    try:
        must_see_all(officer, countries)
    except Refused as refusal:
        return [
            str(refusal),
            _("You can open the crisis. Approving a notice for this area takes one of them."),
        ]
    return []
