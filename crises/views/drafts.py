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
from crises.area_forms import WAYS, CoordinatesForm, PieceForm, PlacesForm
from crises.draft_state import state_of, warnings_on
from crises.enums import Operation
from crises.models import AreaDraft, Crisis
from crises.opening_forms import OpenCrisisForm, TypedAreaForm, UseAreaForm
from crises.pieces import Piece, area_piece, label_of, read_pieces
from geography.areas import InvalidArea
from geography.regions import largest_towns


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
    """Begins an area with what was typed so far, for the crisis of `?crisis=` or for a new one.

    For a crisis, `from=present` begins with the area that it has.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("open_crisis")

    def post(self, request: HttpRequest) -> HttpResponse:
        officer = signed_in_user(request)
        crisis = asked_crisis(request, officer)
        pieces = _typed(request, officer)
        if crisis is not None and request.POST.get("from") == "present":
            pieces = [*_present_area(crisis), *pieces]
        try:
            draft = actions.start_draft(
                crisis=crisis,
                title=request.POST.get("title", ""),
                is_drill=bool(request.POST.get("is_drill")),
                pieces=pieces,
                by=officer,
            )
        except actions.Refused as error:
            raise Http404 from error  # A closed crisis offers no such button.
        return redirect("edit_area", draft.pk)


class EditAreaView(DraftMixin, TemplateView):
    """The area so far, each way of adding to it in words, and its use."""

    template_name = "crises/edit_area.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        way = request.POST.get("way", "")
        if way == "remove":
            removed = request.POST.get("piece", "")
            actions.remove_piece(draft=self.draft, piece_id=removed, by=self.officer)
            return self._again("area")
        if way == "use":
            return self._use()
        if way in WAYS:
            return self._add(way)
        return self._again("area")

    def _add(self, way: str) -> HttpResponse:
        posted = self.request.POST
        asked = posted.get("operation") or posted.get("attempted", "")
        operation = asked if asked in Operation.values else Operation.ADD.value
        form = WAYS[way](posted, prefix=way, user=self.officer, operation=operation)
        unclear = isinstance(form, PlacesForm) and form.is_valid() and form.unclear
        if not form.is_valid():
            return self._show(way=way, form=form, operation=operation)
        try:
            if form.pieces:
                self.draft = actions.add_pieces(
                    draft=self.draft, pieces=form.pieces, by=self.officer
                )
        except (InvalidArea, actions.Refused) as error:
            form.add_error(None, str(error))
            return self._show(way=way, form=form, operation=operation)
        if unclear and isinstance(form, PlacesForm):
            return self._show(way=way, form=form.ask_the_rest(), operation=operation)
        return self._again("area")

    def _use(self) -> HttpResponse:
        form = self._use_form(self.request.POST)
        if not form.is_valid():
            return self._show(use=form)
        chosen = form.cleaned_data
        try:
            crisis = actions.use_draft(
                draft=self.draft,
                label=chosen["label"],
                title=chosen.get("title", ""),
                is_drill=chosen.get("is_drill", False),
                version=chosen["version"],
                is_another=chosen.get("is_another", False),
                by=self.officer,
            )
        except (InvalidArea, actions.Refused) as error:
            form.refuse(error)
            del self.draft
            return self._show(use=form)
        return redirect("preview_audience", crisis.pk)

    def _use_form(self, data: Any = None) -> UseAreaForm:
        return UseAreaForm(
            data,
            opens=self.draft.crisis is None,
            from_alert=bool(self.draft.alert),
            beside=self._open_already,
            initial={
                "title": self.draft.title,
                "label": label_of(self.draft.pieces)[:120],
                "is_drill": self.draft.is_drill,
            },
        )

    @property
    def _open_already(self) -> Crisis | None:
        draft = self.draft
        if draft.crisis is not None or not draft.alert:
            return None
        return Crisis.objects.superseded_by(draft.alert, is_drill=draft.is_drill, by=self.officer)

    def _again(self, fragment: str) -> HttpResponse:
        return redirect(f"{reverse('edit_area', args=[self.draft.pk])}#{fragment}")

    def _show(
        self,
        *,
        way: str = "",
        form: PieceForm | None = None,
        operation: str = "",
        use: UseAreaForm | None = None,
    ) -> HttpResponse:
        context = self.get_context_data(
            ways={
                name: form if form is not None and name == way else self._way(name) for name in WAYS
            },
            open_way=way or ("" if self.draft.pieces else "place"),
            failed=form or use,
            attempted=operation,
            use=use or self._use_form(),
        )
        return self.render_to_response(context, status=422 if form or use else 200)

    def _way(self, name: str) -> PieceForm:
        return WAYS[name](prefix=name, user=self.officer)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        draft = self.draft
        state = state_of(draft)
        coordinates = kwargs["ways"]["coordinates"]
        asks = isinstance(coordinates, CoordinatesForm) and coordinates.asks_order
        return super().get_context_data(**kwargs) | {
            "draft": draft,
            "crisis": draft.crisis,
            "superseded": self._open_already,
            "pieces": [_row(piece) for piece in draft.pieces],
            "state": state,
            "warnings": warnings_on(draft.area if state["area"] else None, self.officer),
            "asks_order": asks,
            "asks_both": asks and coordinates.may_be_as_typed,
            "pieces_url": reverse("area_pieces", args=[draft.pk]),
            "count_url": f"{reverse('edit_area', args=[draft.pk])}count/",
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
            problem = str(error) if isinstance(error, InvalidArea) else _unreadable()
            return self._refused(problem, 422)
        except actions.Overtaken as refusal:
            del self.draft
            return self._refused(str(refusal), 409)
        return JsonResponse(state_of(draft))

    def _refused(self, problem: str, status: int) -> JsonResponse:
        return JsonResponse(state_of(self.draft) | {"problem": problem}, status=status)


def asked_crisis(request: HttpRequest, officer: User) -> Crisis | None:
    """The crisis named by `?crisis=`. Raises Http404 for one that is not the officer's."""
    asked = request.GET.get("crisis") or request.POST.get("crisis")
    if not asked:
        return None
    try:
        return get_object_or_404(Crisis.objects.visible_to(officer), pk=asked)
    except ValidationError as error:
        raise Http404 from error


def _typed(request: HttpRequest, officer: User) -> list[Piece]:
    """What the quick form held when somebody went on to the map, as far as it can be read."""
    named = "title" in request.POST
    form = (OpenCrisisForm if named else TypedAreaForm)(request.POST, user=officer)
    form.is_valid()
    pieces: list[Piece] = form.cleaned_data.get("pieces", [])
    return pieces


def _present_area(crisis: Crisis) -> list[Piece]:
    affected = crisis.areas.order_by("-created_at").first()
    return [area_piece(affected.area, label=affected.label)] if affected else []


def _row(piece: Piece) -> dict[str, Any]:
    """A piece for the list; of a region, the towns that it is known by."""
    towns = [town.name for code in piece["region_codes"] for town in largest_towns(code)]
    return {
        "id": piece["id"],
        "label": piece["label"],
        "is_added": piece["operation"] == Operation.ADD,
        "towns": ", ".join(towns[:8]),
    }


def _unreadable() -> str:
    return _("The drawing cannot be read. Load the page again.")
