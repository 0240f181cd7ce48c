"""Opening and closing crises, and where they are."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views import View
from django.views.generic import FormView, TemplateView

from accounts.access import OfficerRequiredMixin, signed_in_user
from crises import actions
from crises.enums import CrisisState, NoticeState
from crises.models import AffectedArea, Crisis, Notice
from crises.opening_forms import AlertFileForm, OpenCrisisForm, TypedAreaForm
from crises.views.room import RoomMixin
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

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"file_form": AlertFileForm()}

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
        return geojson_response(area.geojson)


def geojson_response(data: dict[str, Any], *, keep: bool = True) -> HttpResponse:
    """`keep`: whether the browser may, because what stands at this address never changes."""
    response = JsonResponse(data, content_type="application/geo+json")
    response["Cache-Control"] = "private, max-age=300" if keep else "no-store"
    return response
