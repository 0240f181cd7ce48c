"""Who is in an area while it is being drawn: a fragment of the page on which it is."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from accounts.models import User
from crises import actions
from crises.calm import CalmCount
from crises.density import feature_collection, label
from crises.drafting import area_of
from crises.enums import PieceKind
from crises.models import AreaDraft
from crises.pieces import geometry_of
from crises.previewing import Preview
from crises.sizing import warnings_about_drawing
from crises.views.bars import class_groups
from crises.views.drafts import DraftMixin
from geography.areas import Area, InvalidArea

_CIRCLES = {PieceKind.CIRCLE.value, PieceKind.PLACE.value}


class CountDraftView(DraftMixin, View):
    """Counts who is there: a fragment for the map's script, or with `?page` a page of its own."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        context = people_there(self.draft, by=self.officer)
        if "page" not in request.GET:
            return render(request, "crises/people_there.html", context)
        context["back_url"] = reverse("edit_area", args=[self.draft.pk])
        return render(request, "crises/count_draft.html", context)


def people_there(draft: AreaDraft, *, by: User) -> dict[str, Any]:
    """What crises/people_there.html shows of a draft, counted now, or why nothing is counted."""
    try:
        found = actions.count_draft(draft=draft, by=by)
    except (actions.Refused, InvalidArea) as refusal:
        return nobody_counted() | {"problem": str(refusal)}
    area = area_of(draft.pieces)
    shown = calm_context(found) if isinstance(found, CalmCount) else counted_context(found)
    is_circle = len(draft.pieces) == 1 and draft.pieces[0]["kind"] in _CIRCLES
    return shown | {
        "area_json": json.dumps(area.to_geojson()),
        "warnings": warnings_about_drawing(
            area,
            draft.alert,
            found.people,
            is_circle=is_circle,
            alert_square_km=_drawn_by_the_alert(draft),
        ),
    }


def _drawn_by_the_alert(draft: AreaDraft) -> float | None:
    """What came from the alert's file, without what was drawn or typed beside it."""
    pieces = [piece for piece in draft.pieces if piece["kind"] == PieceKind.FILE]
    if not (draft.alert and pieces):
        return None
    return Area.union([geometry_of(piece) for piece in pieces]).square_km


def nobody_counted() -> dict[str, Any]:
    return {
        "problem": "",
        "area_json": "",
        "warnings": [],
        "is_calm": False,
        "people": 0,
        "people_hint": "",
        "unreachable": 0,
        "groups": [],
        "counted_text": "",
        **hexagons_context(()),
    }


def calm_context(found: CalmCount) -> dict[str, Any]:
    """A count while no crisis is open: round numbers."""
    return nobody_counted() | {
        "is_calm": True,
        "people": found.people,
        "counted_text": counted_text(),
        **hexagons_context(found.hexagons, at_least=True),
    }


def counted_context(found: Preview) -> dict[str, Any]:
    """A count in an open crisis."""
    return nobody_counted() | {
        "people": found.people,
        "people_hint": messages_text(found.messages),
        "unreachable": found.unreachable,
        "groups": class_groups(found),
        "counted_text": counted_text(),
        **hexagons_context(found.hexagons, not_drawn=found.not_drawn),
    }


def hexagons_context(
    hexagons: Any, *, at_least: bool = False, not_drawn: int = 0
) -> dict[str, Any]:
    """Hexagons for the map (`hexagons_json`), and in words for who cannot see it (`density`)."""
    drawn = feature_collection(list(hexagons), at_least=at_least)
    return {
        "hexagons_json": json.dumps(drawn) if hexagons else "",
        "density": [
            {
                "town": hexagon.town or _("No town in this hexagon"),
                "people": label(hexagon.people, at_least=at_least),
            }
            for hexagon in hexagons
        ],
        "not_drawn": not_drawn,
    }


def messages_text(messages: int) -> str:
    return ngettext("%(number)s message", "%(number)s messages", messages) % {
        "number": number_format(messages, force_grouping=True)
    }


def counted_text() -> str:
    return _("Counted at %(now)s UTC.") % {"now": date_format(timezone.now(), "H:i")}
