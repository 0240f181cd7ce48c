"""Who is there: the preview of an audience, and the choice of whom to include."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from crises import actions
from crises.calm import CalmCount
from crises.coverage import estimate_context
from crises.enums import NoticeKind
from crises.forms import AudienceForm, usual_audience
from crises.models import AffectedArea
from crises.previewing import Preview
from crises.sizing import warnings_about
from crises.views.bars import audience_groups, class_groups
from crises.views.counting import counted_text, hexagons_context, messages_text
from crises.views.room import RoomMixin


class PreviewAudienceView(RoomMixin, TemplateView):
    template_name = "crises/preview_audience.html"
    stage = "people"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = "window_start" in request.GET
        form = AudienceForm(request.GET if asked else usual_audience())
        found = self._count(form) if self.crisis.is_open and form.is_valid() else None
        return self.render_to_response(self.get_context_data(form=form, preview=found))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = AudienceForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form, preview=None))
        if request.POST.get("area", str(self.area.pk)) != str(self.area.pk):
            form.add_error(
                None,
                _("The area was changed since you counted. This is who is there now: look again."),
            )
            found = self._count(form) if self.crisis.is_open else None
            return self.render_to_response(self.get_context_data(form=form, preview=found))
        try:
            notice = actions.start_notice(by=self.officer, **self._audience(form))
        except actions.Refused as refusal:
            form.add_error(None, str(refusal))
            return self.render_to_response(self.get_context_data(form=form, preview=None))
        return redirect("write_notice", notice.pk)

    def _count(self, form: AudienceForm) -> Preview | CalmCount | None:
        """In full; in an exercise, in round numbers."""
        try:
            if self.crisis.is_drill:
                area = self.area.area
                return actions.count_calmly(area=area, is_drill=True, by=self.officer)
            return actions.preview_audience(by=self.officer, **self._audience(form))
        except actions.Refused as refusal:
            form.add_error(None, str(refusal))
            return None

    def _audience(self, form: AudienceForm) -> dict[str, Any]:
        chosen = form.cleaned_data
        return {
            "crisis": self.crisis,
            "area": self.area,
            "kind": chosen["kind"],
            "window_start": chosen["window_start"],
            "window_end": chosen["window_end"],
            "classes": [*chosen["match_classes"], *chosen["confidences"]],
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        found: Preview | CalmCount | None = kwargs["preview"]
        form: AudienceForm = kwargs["form"]
        context |= {
            "preview": found,
            "can_write": self.crisis.is_open,
            "is_calm": isinstance(found, CalmCount),
            "is_relay": False,
            "is_empty": False,
            "carried": _carried(form, self.area) if found else [],
            "class_groups": [],
            "audience_groups": [],
            "warnings": [],
            "density": [],
            "not_drawn": 0,
        }
        if found is None:
            return context
        is_relay = form.cleaned_data["kind"] == NoticeKind.RELAY
        if isinstance(found, CalmCount):
            return context | {
                "is_empty": not found.people,
                "is_relay": is_relay,
                "warnings": warnings_about(self.area, found.people),
                "window_text": counted_text(),
                **hexagons_context(found.hexagons, at_least=True),
            }
        estimated = estimate_context(self.area.area, found.people)
        return context | {
            "class_groups": class_groups(found, is_relay=is_relay),
            "audience_groups": audience_groups(found),
            "is_relay": is_relay,
            "unreachable_tone": "warning" if found.unreachable else "",
            "people_hint": messages_text(found.messages),
            "is_empty": found.messages == 0,
            "warnings": []
            if is_relay
            else warnings_about(self.area, found.people, expected=_expected(estimated["estimate"])),
            "window_text": counted_text() if is_relay else _window_text(form),
            **estimated,
            **hexagons_context(found.hexagons, not_drawn=found.not_drawn),
        }


def _expected(estimated: dict[str, Any]) -> int | None:
    return estimated["low"] if estimated["is_known"] else None


def _window_text(form: AudienceForm) -> str:
    return _("Counted at %(now)s UTC for stays from %(start)s to %(end)s UTC.") % {
        "now": date_format(timezone.now(), "H:i"),
        "start": date_format(form.cleaned_data["window_start"], "j M H:i"),
        "end": date_format(form.cleaned_data["window_end"], "j M Y H:i"),
    }


def _carried(form: AudienceForm, area: AffectedArea) -> list[tuple[str, str]]:
    """What the notice is begun with: exactly what was counted."""
    chosen = form.cleaned_data
    pairs = [
        (name, chosen[name].strftime("%Y-%m-%dT%H:%M")) for name in ("window_start", "window_end")
    ]
    pairs += [("kind", chosen["kind"].value), ("area", str(area.pk))]
    return pairs + [
        (name, value) for name in ("match_classes", "confidences") for value in chosen[name]
    ]
