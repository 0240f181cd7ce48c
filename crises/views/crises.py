"""Opening crises: from an alert file that is looked at first, or in words."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView, TemplateView

from accounts.access import OfficerRequiredMixin, signed_in_user
from crises import actions
from crises.alert_files import (
    MAX_BYTES,
    AlertFile,
    AlertFileError,
    SwappedCoordinates,
    read_alert,
)
from crises.enums import AreaSource, CrisisState, NoticeState
from crises.forms import AlertFileForm, ConfirmImportForm, OpenCrisisForm, TypedAreaForm
from crises.models import AffectedArea, AlertImport, Crisis, Notice
from crises.views.room import RoomMixin, towns_of
from geography.countries import country_name


class ListCrisesView(OfficerRequiredMixin, TemplateView):
    template_name = "crises/list_crises.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        officer = signed_in_user(self.request)
        crises = Crisis.objects.visible_to(officer).select_related("post").order_by("-opened_at")
        waiting = (
            Notice.objects.filter(state=NoticeState.SUBMITTED, crisis__in=crises)
            .exclude(author=officer)
            .select_related("crisis", "author")
            .order_by("submitted_at")
        )
        open_crises = list(crises.filter(state=CrisisState.OPEN))
        return super().get_context_data(**kwargs) | {
            "waiting": list(waiting),
            "open_crises": [
                (crisis, ", ".join(country_name(code) for code in crisis.countries))
                for crisis in open_crises
            ],
            "closed_crises": list(
                # Of one that has been purged there is nothing left to show.
                crises.filter(state=CrisisState.CLOSED, purge_on__gt=timezone.now().date())[:20]
            ),
        }


class OpenCrisisView(OfficerRequiredMixin, FormView):
    template_name = "crises/open_crisis.html"
    form_class = OpenCrisisForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": signed_in_user(self.request)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"file_form": AlertFileForm()}

    def form_valid(self, form: OpenCrisisForm) -> HttpResponse:
        try:
            crisis = actions.open_crisis(
                title=form.cleaned_data["title"],
                is_drill=form.cleaned_data["is_drill"],
                area=form.cleaned_data["area"],
                label=form.cleaned_data["label"],
                source=form.cleaned_data["source"],
                by=signed_in_user(self.request),
            )
        except actions.Refused as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        return redirect("preview_audience", crisis.pk)


class ImportAlertView(OfficerRequiredMixin, View):
    """Reads an uploaded alert file and keeps what it says until an officer has looked at it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("open_crisis")

    def post(self, request: HttpRequest) -> HttpResponse:
        officer = signed_in_user(request)
        form = AlertFileForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                # A byte more than is read tells that a file is too large, whatever its size.
                alert = _read_either_way(form.cleaned_data["alert_file"].read(MAX_BYTES + 1))
                imported = actions.import_alert(alert=alert, by=officer)
                return redirect("review_import", imported.pk)
            except AlertFileError as error:
                form.add_error("alert_file", str(error))
        context = {"file_form": form, "form": OpenCrisisForm(user=officer)}
        return render(request, "crises/open_crisis.html", context, status=422)


def _read_either_way(data: bytes) -> AlertFile:
    """Read a file whose coordinates are swapped the right way round, with a remark that says so.

    The officer sees the area on the map, and the remark, before anything is used.
    """
    try:
        return read_alert(data)
    except SwappedCoordinates:
        alert = read_alert(data, swapped=True)
        alert.warnings.append(
            _("The file has latitude and longitude swapped. They were read the other way round.")
        )
        return alert


class ReviewImportView(OfficerRequiredMixin, FormView):
    """What the file says, before a crisis is opened from it."""

    template_name = "crises/review_import.html"
    form_class = ConfirmImportForm

    @cached_property
    def imported(self) -> AlertImport:
        return get_object_or_404(
            AlertImport, pk=self.kwargs["pk"], imported_by=signed_in_user(self.request)
        )

    @property
    def is_expired(self) -> bool:
        expires = self.imported.expires
        return expires is not None and expires < timezone.now()

    @property
    def _area_label(self) -> str:
        """The area in the authority's own words, or the event where it has none."""
        facts = self.imported.facts
        return (facts["area_description"] or facts["event"])[:200]

    def get_initial(self) -> dict[str, Any]:
        facts = self.imported.facts
        return {
            "title": (facts["headline"] or facts["event"])[:120],
            "label": self._area_label[:120],
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"expired": self.is_expired}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        facts = self.imported.facts
        expires = self.imported.expires
        return super().get_context_data(**kwargs) | {
            "area_url": reverse("show_import_area", args=[self.imported.pk]),
            "area_label": self._area_label,
            "places_json": towns_of(self.imported.area),
            "drill_text": _("The file's status is %(status)s, not Actual.")
            % {"status": facts["status"]}
            if self.imported.is_drill
            else "",
            "remarks": facts["warnings"] + facts["unresolved"],
            "button_text": _("Open the exercise")
            if self.imported.is_drill
            else _("Open the crisis"),
            "facts": [
                {"label": _("From"), "value": facts["sender_name"] or facts["sender"]},
                {"label": _("Event"), "value": facts["event"]},
                {"label": _("Status"), "value": facts["status"]},
                {
                    "label": _("Valid until"),
                    "value": f"{date_format(expires, 'j M Y H:i')} UTC" if expires else "",
                },
                {"label": _("Area"), "value": facts["area_description"]},
                {
                    "label": _("Urgency, severity, certainty"),
                    "value": f"{facts['urgency']} · {facts['severity']} · {facts['certainty']}",
                },
                {"label": _("What it says"), "value": facts["description"]},
                {"label": _("What it advises"), "value": facts["instruction"]},
            ],
        }

    def form_valid(self, form: ConfirmImportForm) -> HttpResponse:
        try:
            crisis = actions.open_crisis(
                title=form.cleaned_data["title"],
                is_drill=self.imported.is_drill,
                area=self.imported.area,
                label=form.cleaned_data["label"],
                source=AreaSource.FILE,
                alert=self.imported.facts,
                by=signed_in_user(self.request),
            )
        except actions.Refused as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        return redirect("preview_audience", crisis.pk)


class ShowCrisisView(RoomMixin, View):
    """The door of the room: leads to the stage at which the crisis stands."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        notice = self.notice
        if notice is None:
            return redirect("preview_audience", self.crisis.pk)
        if notice.state in {NoticeState.FROZEN, NoticeState.SENDING, NoticeState.SENT}:
            return redirect("watch_notice", notice.pk)
        return redirect("review_notice", notice.pk)


class SetAreaView(RoomMixin, FormView):
    """Another area for the same crisis, in words."""

    template_name = "crises/set_area.html"
    form_class = TypedAreaForm
    stage = "area"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.officer}

    def form_valid(self, form: TypedAreaForm) -> HttpResponse:
        try:
            actions.set_area(
                crisis=self.crisis,
                area=form.cleaned_data["area"],
                label=form.cleaned_data["label"],
                source=form.cleaned_data["source"],
                by=self.officer,
            )
        except actions.Refused as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        return redirect("preview_audience", self.crisis.pk)


class CloseCrisisView(RoomMixin, View):
    """Ends a crisis: nothing more is sent, and its erasure has a date."""

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        try:
            actions.close_crisis(crisis=self.crisis, by=self.officer)
        except actions.Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("list_crises")


class ShowAreaView(OfficerRequiredMixin, View):
    """The affected area as GeoJSON, for the map."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        area = get_object_or_404(
            AffectedArea, pk=pk, crisis__in=Crisis.objects.visible_to(signed_in_user(request))
        )
        return _geojson(area.geojson)


class ShowImportAreaView(OfficerRequiredMixin, View):
    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        imported = get_object_or_404(AlertImport, pk=pk, imported_by=signed_in_user(request))
        return _geojson(imported.area.to_geojson())


def _geojson(data: dict[str, Any]) -> HttpResponse:
    response = JsonResponse(data, content_type="application/geo+json")
    response["Cache-Control"] = "private, max-age=300"
    return response
