"""Alert files: read, looked at element by element, and only then used."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from django.views.generic import TemplateView

from accounts.access import OfficerRequiredMixin, signed_in_user
from crises import actions
from crises.alert_files import MAX_BYTES, AlertFileError, read_file
from crises.area_forms import PlacesForm
from crises.draft_state import warnings_on
from crises.enums import AreaSource
from crises.models import AlertImport, Crisis
from crises.opening_forms import AlertFileForm, ConfirmImportForm, OpenCrisisForm
from crises.views.crises import geojson_response
from crises.views.drafts import asked_crisis
from crises.views.import_facts import facts_of, remarks_on
from crises.views.room import towns_of
from geography.areas import Area, InvalidArea


class ImportAlertView(OfficerRequiredMixin, View):
    """Reads an uploaded alert file and keeps what it says until an officer has looked at it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("open_crisis")

    def post(self, request: HttpRequest) -> HttpResponse:
        officer = signed_in_user(request)
        crisis = asked_crisis(request, officer)
        form = AlertFileForm(request.POST, request.FILES)
        if form.is_valid():
            upload = form.cleaned_data["alert_file"]
            try:
                # A byte more than is read tells that a file is too large, whatever its size.
                found = read_file(upload.read(MAX_BYTES + 1), name=upload.name)
                kept = actions.import_file(file=found, crisis=crisis, by=officer)
            except (AlertFileError, actions.Refused) as error:
                form.add_error("alert_file", str(error))
            else:
                if len(kept) > 1:
                    return redirect("choose_alert", kept[0].file)
                return redirect("review_import", kept[0].pk)
        if crisis is not None:
            context = {"file_form": form, "crisis": crisis}
            return render(request, "crises/import_alert.html", context, status=422)
        context = {"file_form": form, "form": OpenCrisisForm(user=officer)}
        return render(request, "crises/open_crisis.html", context, status=422)


class ChooseAlertView(OfficerRequiredMixin, TemplateView):
    """Which of the alerts of one file (`pk` is the upload's) is meant."""

    template_name = "crises/choose_alert.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        officer = signed_in_user(self.request)
        kept = AlertImport.objects.filter(file=self.kwargs["pk"], imported_by=officer)
        alerts = list(kept.select_related("crisis").order_by("position"))
        if not alerts:
            raise Http404
        return super().get_context_data(**kwargs) | {
            "alerts": [(alert, _understood(alert), _tone(alert)) for alert in alerts],
            "crisis": alerts[0].crisis,
            "remarks": alerts[0].remarks,
        }


class ReviewImportView(OfficerRequiredMixin, TemplateView):
    """What one alert says, element by element, before its area opens or moves a crisis."""

    template_name = "crises/review_import.html"

    @cached_property
    def imported(self) -> AlertImport:
        kept = AlertImport.objects.select_related("crisis")
        return get_object_or_404(
            kept, pk=self.kwargs["pk"], imported_by=signed_in_user(self.request)
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show(self._form(), self._places())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """One form, several buttons: whichever is pressed, the ticks and words are kept."""
        officer = signed_in_user(request)
        way = request.POST.get("way", "")
        self.imported = actions.tick_parts(
            imported=self.imported, ticked=set(request.POST.getlist("part")), by=officer
        )
        form = self._form(request.POST)
        if way == "swap":
            self.imported = actions.exchange_coordinates(imported=self.imported, by=officer)
        elif way == "places":
            return self._type_places(form)
        elif way.startswith("remove:"):
            self.imported = actions.remove_typed(
                imported=self.imported, piece_id=way.removeprefix("remove:"), by=officer
            )
        elif way.startswith("crisis:"):
            return self._take_to(way.removeprefix("crisis:"))
        elif way == "draft":
            return self._draw(form)
        elif way == "use" and form.is_valid():
            return self._use(form)
        elif way == "use":
            return self._show(form, self._places())
        # Nothing is complained of that was not asked for: what was typed stands there again.
        return self._show(self._form(request.POST, quietly=True), self._places())

    def _form(self, data: Any = None, *, quietly: bool = False) -> ConfirmImportForm:
        expires = self.imported.expires
        facts = self.imported.facts
        initial = {
            "title": (facts["headline"] or facts["event"])[:120],
            "label": (facts["area_description"] or facts["event"])[:120],
        }
        if quietly:
            initial = {name: data.get(name, "") for name in (*initial, "confirm_expired")}
        return ConfirmImportForm(
            None if quietly else data,
            initial=initial,
            expired=expires is not None and expires < timezone.now(),
            opens=self.imported.crisis is None,
            beside=self._open_already if self.imported.crisis is None else None,
        )

    @property
    def _open_already(self) -> Crisis | None:
        return Crisis.objects.superseded_by(
            self.imported.facts, is_drill=self.imported.is_drill, by=signed_in_user(self.request)
        )

    def _places(self, data: Any = None) -> PlacesForm:
        return PlacesForm(data, prefix="places", user=signed_in_user(self.request))

    def _type_places(self, form: ConfirmImportForm) -> HttpResponse:
        places = self._places(self.request.POST)
        if places.is_valid() or places.unclear:
            self.imported = actions.type_places(
                imported=self.imported,
                pieces=places.cleaned_data.get("pieces", []),
                by=signed_in_user(self.request),
            )
            places = places.ask_the_rest() if places.unclear else self._places()
        return self._show(self._form(self.request.POST, quietly=True), places)

    def _take_to(self, crisis_id: str) -> HttpResponse:
        officer = signed_in_user(self.request)
        crisis = self._open_already
        if crisis is None or str(crisis.pk) != crisis_id:
            raise Http404
        actions.take_to_crisis(imported=self.imported, crisis=crisis, by=officer)
        return redirect("review_import", self.imported.pk)

    def _draw(self, form: ConfirmImportForm) -> HttpResponse:
        officer = signed_in_user(self.request)
        try:
            draft = actions.start_draft(
                crisis=self.imported.crisis,
                title=self.request.POST.get("title", ""),
                is_drill=self.imported.is_drill,
                pieces=self.imported.pieces,
                alert=self.imported.facts,
                by=officer,
            )
        except (actions.Refused, InvalidArea) as error:
            form.is_valid()
            form.add_error(None, str(error))
            return self._show(form, self._places())
        return redirect("edit_area", draft.pk)

    def _use(self, form: ConfirmImportForm) -> HttpResponse:
        given = {
            "label": form.cleaned_data["label"],
            "source": AreaSource.FILE,
            "alert": self.imported.facts,
            "by": signed_in_user(self.request),
        }
        try:
            given["area"] = self.imported.area
            crisis = self.imported.crisis
            if crisis is None:
                crisis = actions.open_crisis(
                    title=form.cleaned_data["title"],
                    is_drill=self.imported.is_drill,
                    is_another=form.cleaned_data.get("is_another", False),
                    **given,
                )
            else:
                actions.set_area(crisis=crisis, **given)
        except (actions.Refused, InvalidArea) as error:
            form.refuse(error)
            return self._show(form, self._places())
        return redirect("preview_audience", crisis.pk)

    def _show(self, form: ConfirmImportForm, places: PlacesForm) -> HttpResponse:
        has_errors = form.errors or places.errors
        context = self.get_context_data(form=form, places=places)
        return self.render_to_response(context, status=422 if has_errors else 200)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        imported, officer = self.imported, signed_in_user(self.request)
        parts = list(enumerate(imported.parts))
        lost = [part for _number, part in parts if not part["geojson"]]
        superseded = self._open_already
        no_area = "" if imported.pieces else _("Tick a part of the file, or type places.")
        area: Area | None = None
        try:
            area, problem = imported.area, ""
        except InvalidArea as error:
            problem = no_area or str(error)
        return super().get_context_data(**kwargs) | {
            "imported": imported,
            "crisis": imported.crisis,
            "parts": parts,
            "lost": lost,
            "has_shapes": len(lost) < len(parts),
            "lost_text": ngettext(
                "%(number)d element of this file could not be understood: nobody is found by it.",
                "%(number)d elements of this file could not be understood: nobody is found by "
                "them.",
                len(lost),
            )
            % {"number": len(lost)},
            "superseded": None if superseded == imported.crisis else superseded,
            "is_same": superseded is not None
            and superseded.areas.filter(alert__identifier=imported.facts["identifier"]).exists(),
            "is_cancel": imported.facts.get("msg_type") == "Cancel",
            "area_url": reverse("show_import_area", args=[imported.pk]) if area else "",
            "area_label": problem or (imported.facts["area_description"] or "")[:200],
            "places_json": towns_of(area) if area else "",
            "drill_text": _("The file's status is %(status)s, not Actual.")
            % {"status": imported.facts["status"]}
            if imported.is_drill
            else "",
            "remarks": remarks_on(imported),
            "warnings": warnings_on(area, officer),
            "use_text": _use_text(imported),
            "facts": facts_of(imported),
        }


class ShowImportAreaView(OfficerRequiredMixin, View):
    """The ticked parts as GeoJSON, for the map."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        imported = get_object_or_404(AlertImport, pk=pk, imported_by=signed_in_user(request))
        try:
            return geojson_response(imported.area.to_geojson(), keep=False)
        except InvalidArea as error:
            raise Http404 from error


def _use_text(imported: AlertImport) -> str:
    if imported.crisis is not None:
        return _("Use it for this crisis")
    return _("Open the exercise") if imported.is_drill else _("Open the crisis")


def _tone(alert: AlertImport) -> str:
    tones = {"Red": "danger", "Orange": "warning", "Green": "success"}
    return tones.get(alert.facts.get("measures", {}).get("alert_level", ""), "neutral")


def _understood(alert: AlertImport) -> str:
    understood = sum(bool(part["geojson"]) for part in alert.parts)
    return ngettext(
        "%(understood)d of %(number)d element understood",
        "%(understood)d of %(number)d elements understood",
        len(alert.parts),
    ) % {"understood": understood, "number": len(alert.parts)}
