"""Who is there: the preview of an audience, and the choice of whom to include."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from crises import actions
from crises.enums import Confidence, Match, NoticeKind
from crises.forms import AudienceForm, usual_audience
from crises.previewing import Preview
from crises.views.room import RoomMixin
from geography.countries import country_name
from notifications.enums import Channel


class PreviewAudienceView(RoomMixin, TemplateView):
    template_name = "crises/preview_audience.html"
    stage = "people"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = "window_start" in request.GET
        form = AudienceForm(request.GET if asked else usual_audience())
        preview = self._preview(form) if self.crisis.is_open and form.is_valid() else None
        return self.render_to_response(self.get_context_data(form=form, preview=preview))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = AudienceForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form, preview=None))
        try:
            notice = actions.start_notice(by=self.officer, **self._audience(form))
        except actions.Refused as refusal:
            form.add_error(None, str(refusal))
            return self.render_to_response(self.get_context_data(form=form, preview=None))
        return redirect("write_notice", notice.pk)

    def _preview(self, form: AudienceForm) -> Preview | None:
        try:
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
        preview: Preview | None = kwargs["preview"]
        context |= {
            "groups": [],
            "carried": [],
            "can_write": self.crisis.is_open,
            "is_relay": False,
        }
        if preview is None:
            return context
        form: AudienceForm = kwargs["form"]
        is_relay = form.cleaned_data["kind"] == NoticeKind.RELAY
        return context | {
            "groups": preview_groups(preview, is_relay=is_relay),
            "carried": _carried(form),
            "is_relay": is_relay,
            "unreachable_tone": "warning" if preview.unreachable else "",
            "unreachable_hint": _("Registered there, without a proved address"),
            "people_hint": ngettext("%(number)s message", "%(number)s messages", preview.messages)
            % {"number": number_format(preview.messages, force_grouping=True)},
            "reported_hint": _("Left out, unless the approver includes them in mortal danger"),
            "is_empty": preview.messages == 0,
            "window_text": _("Counted at %(now)s UTC.")
            % {"now": date_format(timezone.now(), "H:i")}
            if is_relay
            else _window_text(form),
        }


def _counted_text() -> str:
    return _("Counted at %(now)s UTC.") % {"now": date_format(timezone.now(), "H:i")}


def _window_text(form: AudienceForm) -> str:
    return _("Counted at %(now)s UTC for stays from %(start)s to %(end)s UTC.") % {
        "now": date_format(timezone.now(), "H:i"),
        "start": date_format(form.cleaned_data["window_start"], "j M H:i"),
        "end": date_format(form.cleaned_data["window_end"], "j M Y H:i"),
    }


def _carried(form: AudienceForm) -> list[tuple[str, str]]:
    chosen = form.cleaned_data
    pairs = [
        (name, chosen[name].strftime("%Y-%m-%dT%H:%M")) for name in ("window_start", "window_end")
    ]
    pairs.append(("kind", chosen["kind"].value))
    return pairs + [
        (name, value) for name in ("match_classes", "confidences") for value in chosen[name]
    ]


def preview_groups(preview: Preview, *, is_relay: bool = False) -> list[dict[str, Any]]:
    """The preview as groups of bars: {caption, rows, maximum}."""
    matches = {value: label for value, label in Match.choices}
    confidences = {value: label for value, label in Confidence.choices}
    channels = {value: label for value, label in Channel.choices}
    return [
        _bars(_("How sure the place is"), preview.by_match, matches.__getitem__),
        *(
            []
            if is_relay
            else [
                _bars(
                    _("How fresh the registration is"),
                    preview.by_confidence,
                    confidences.__getitem__,
                )
            ]
        ),
        _bars(_("Language"), preview.by_language, dict(settings.LANGUAGES).__getitem__),
        _bars(_("Messages by channel"), preview.by_channel, channels.__getitem__),
        _bars(_("Country"), preview.by_country, country_name),
    ]


def _bars(caption: str, counts: dict[str, int], label: Any) -> dict[str, Any]:
    rows = [
        {"label": label(key), "value": number, "hint": "", "tone": "main"}
        for key, number in sorted(counts.items(), key=lambda item: -item[1])
    ]
    return {"caption": caption, "rows": rows, "maximum": max(counts.values(), default=0) or 1}
