"""Putting an area together: on the map where there is a script, in words always."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from django.core.exceptions import RequestDataTooBig, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from accounts.access import OfficerRequiredMixin, signed_in_user
from accounts.models import User
from crises import actions
from crises.drafting import area_of
from crises.locating import countries_of
from crises.models import AreaDraft, Crisis
from crises.pieces import area_piece, read_pieces
from geography.areas import InvalidArea
from geography.countries import country_name


class DraftMixin(OfficerRequiredMixin):
    """For the pages of one unfinished area (`pk` is its own): to others it is not there."""

    request: HttpRequest
    kwargs: dict[str, Any]

    @property
    def officer(self) -> User:
        return signed_in_user(self.request)

    @cached_property
    def draft(self) -> AreaDraft:
        drafts = AreaDraft.objects.select_related("crisis__post")
        return get_object_or_404(drafts, pk=self.kwargs["pk"], made_by=self.officer)


class StartDraftView(OfficerRequiredMixin, View):
    """Begins an area, for the crisis of `?crisis=` (from its present area) or for a new one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("open_crisis")

    def post(self, request: HttpRequest) -> HttpResponse:
        officer = signed_in_user(request)
        crisis = asked_crisis(request, officer)
        draft = actions.start_draft(
            crisis=crisis,
            title=request.POST.get("title", ""),
            is_drill=bool(request.POST.get("is_drill")),
            pieces=_present_area(crisis) if crisis else [],
            by=officer,
        )
        return redirect("edit_area", draft.pk)


class EditAreaView(DraftMixin, TemplateView):
    template_name = "crises/edit_area.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "draft": self.draft,
            "pieces_url": reverse("area_pieces", args=[self.draft.pk]),
            "count_url": f"{reverse('edit_area', args=[self.draft.pk])}count/",
        }


class AreaPiecesView(DraftMixin, View):
    """The pieces for the map's script: read them, or replace them all."""

    def get(self, request: HttpRequest, pk: Any) -> JsonResponse:
        return JsonResponse(state_of(self.draft))

    def post(self, request: HttpRequest, pk: Any) -> JsonResponse:
        draft = self.draft
        try:
            given = json.loads(request.body)
            pieces = read_pieces(given["pieces"])
            version = given.get("version")
            draft = actions.set_pieces(
                draft=draft,
                pieces=pieces,
                by=self.officer,
                version=version if isinstance(version, int) else None,
            )
        except RequestDataTooBig:
            return self._refused(_("The drawing is too large. Simplify it and try again."), 413)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            problem = str(error) if isinstance(error, InvalidArea) else unreadable()
            return self._refused(problem, 422)
        except actions.Overtaken as refusal:
            self.draft.refresh_from_db()
            return self._refused(str(refusal), 409)
        return JsonResponse(state_of(draft))

    def _refused(self, problem: str, status: int) -> JsonResponse:
        return JsonResponse(state_of(self.draft) | {"problem": problem}, status=status)


def unreadable() -> str:
    return _("The drawing cannot be read. Load the page again.")


def asked_crisis(request: HttpRequest, officer: User) -> Crisis | None:
    """The crisis named by `?crisis=`. Raises Http404 for one that is not the officer's."""
    asked = request.GET.get("crisis") or request.POST.get("crisis")
    if not asked:
        return None
    try:
        return get_object_or_404(Crisis.objects.visible_to(officer), pk=asked)
    except ValidationError as error:
        raise Http404 from error


def state_of(draft: AreaDraft) -> dict[str, Any]:
    """What the map's script is told: the pieces, and the area they make."""
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
        area = area_of(draft.pieces)
    except InvalidArea as error:
        return state | {"problem": str(error)}
    return state | {
        "area": area.to_geojson(),
        "square_km": round(area.square_km),
        "countries": [country_name(code) for code in countries_of(area)],
    }


def _present_area(crisis: Crisis) -> list[dict[str, Any]]:
    affected = crisis.areas.order_by("-created_at").first()
    return [area_piece(affected.area, label=affected.label)] if affected else []
