"""Officers' pages about one person entered twice. Who may see neither of two finds no page."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView, TemplateView

from accounts.access import OfficerRequiredMixin, signed_in_user
from accounts.models import User
from audit.purposes import Purpose
from registrations import actions
from registrations.comparing import compare
from registrations.duplicates import (
    PAIRS_SHOWN,
    Pair,
    candidates,
    pair_for,
    verdict_on,
    verdicts_seen_by,
    verdicts_visible_to,
)
from registrations.enums import KeyKind, Source
from registrations.facts import facts_of
from registrations.forms.duplicates import ComparingReasonForm, DecidingForm, TwoReferencesForm
from registrations.models import Merge, Person
from registrations.references import reference_of

MERGES_SHOWN = 50
_TONES = {
    KeyKind.DOCUMENT: "danger",
    KeyKind.NAME_CONTACT: "warning",
    KeyKind.NAME_BIRTH: "warning",
    KeyKind.NAME_STAY: "neutral",
}


class ListDuplicatesView(OfficerRequiredMixin, FormView):
    """What looks alike, without a name; or two references, typed, to compare."""

    template_name = "registrations/list_duplicates.html"
    form_class = TwoReferencesForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        officer = signed_in_user(self.request)
        found = candidates(officer)
        about = facts_of(
            {person_id for pair in found.pairs for person_id in (pair.first_id, pair.second_id)},
            officer.countries,
        )
        return super().get_context_data(**kwargs) | {
            "total": found.total,
            "shown": PAIRS_SHOWN,
            "tiles": [
                {"label": kind.label, "number": found.counts[kind]}
                for kind in KeyKind
                if kind in found.counts
            ],
            "pairs": [
                {
                    "first_id": pair.first_id,
                    "second_id": pair.second_id,
                    "people": [about[pair.first_id], about[pair.second_id]],
                    "why": why_alike(pair),
                }
                for pair in found.pairs
                if pair.first_id in about and pair.second_id in about
            ],
        }

    def form_valid(self, form: TwoReferencesForm) -> HttpResponse:
        chosen = form.cleaned_data
        pair = pair_for(signed_in_user(self.request), chosen["first"], chosen["second"])
        if pair is None:
            form.add_error(
                None,
                _("You cannot compare these two. Check the references, and whose they are."),
            )
            return self.form_invalid(form)
        return redirect("compare_people", pair.first_id, pair.second_id)


class PairMixin(OfficerRequiredMixin):
    """For pages of one pair (`first` and `second` are people's identifiers)."""

    request: HttpRequest
    kwargs: dict[str, Any]

    @property
    def officer(self) -> User:
        return signed_in_user(self.request)

    @cached_property
    def pair(self) -> Pair:
        pair = pair_for(self.officer, self.kwargs["first"], self.kwargs["second"])
        if pair is None:
            raise Http404
        return pair


class ComparePeopleView(PairMixin, FormView):
    """Asks for the reason first; then shows both once, and keeps nothing of it."""

    template_name = "registrations/compare_people.html"
    form_class = ComparingReasonForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        about = facts_of([self.pair.first_id, self.pair.second_id], self.officer.countries)
        verdict = verdict_on(self.pair)
        return super().get_context_data(**kwargs) | {
            "pair": self.pair,
            "people": [about[self.pair.first_id], about[self.pair.second_id]],
            "why": why_alike(self.pair),
            "verdict_id": verdict.pk if verdict else None,
            "compared": kwargs.get("compared"),
            "deciding": DecidingForm(),
        }

    def form_valid(self, form: ComparingReasonForm) -> HttpResponse:
        first, second, lines = compare(
            pair=self.pair,
            purpose=Purpose(form.cleaned_data["purpose"]),
            note=form.cleaned_data["note"],
            by=self.officer,
        )
        choices = [_choice(first, second), _choice(second, first)]
        compared = {
            "lines": lines,
            # On one screen, anybody may have typed another's name and an address of their own.
            "says_who_alone": Source.CRISIS in {first.source, second.source},
            "keep": [choice for choice in choices if not choice["refusal"]],
            # Both ways may be refused for one reason, which is then said once.
            "refusals": list(dict.fromkeys(filter(None, (one["refusal"] for one in choices)))),
        }
        return self.render_to_response(self.get_context_data(form=form, compared=compared))

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        response["Cache-Control"] = "no-store"
        return response


class MergePeopleView(PairMixin, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        pair = self.pair
        form = DecidingForm(request.POST)
        others = {str(pair.first_id): pair.second_id, str(pair.second_id): pair.first_id}
        kept_id = request.POST.get("keep", "")
        if kept_id not in others or not form.is_valid():
            messages.error(request, _("Nothing was changed. Choose again."))
            return redirect("compare_people", pair.first_id, pair.second_id)
        try:
            actions.merge_people(
                kept_id=UUID(kept_id),
                absorbed_id=others[kept_id],
                by=self.officer,
                note=form.cleaned_data["note"],
            )
        except actions.MergeRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("compare_people", pair.first_id, pair.second_id)
        messages.success(
            request, _("The two are one now. If that was wrong, it can be undone here.")
        )
        return redirect("list_merges")


class PartPeopleView(PairMixin, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = DecidingForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Nothing was changed. Choose again."))
            return redirect("compare_people", self.pair.first_id, self.pair.second_id)
        try:
            actions.part_people(
                first_id=self.pair.first_id,
                second_id=self.pair.second_id,
                by=self.officer,
                note=form.cleaned_data["note"],
            )
        except actions.MergeRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("They are two people. Nobody will be asked again."))
        return redirect("list_duplicates")


class ListMergesView(OfficerRequiredMixin, TemplateView):
    template_name = "registrations/list_merges.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        officer = signed_in_user(self.request)
        merges = merges_seen_by(officer).order_by("-merged_at", "pk")[:MERGES_SHOWN]
        return super().get_context_data(**kwargs) | {
            "merges": [
                {
                    "pk": merge.pk,
                    "kept": reference_of(merge.kept_id),
                    "absorbed": reference_of(merge.absorbed_id),
                    "merged_at": merge.merged_at,
                    "undone_at": merge.undone_at,
                }
                for merge in merges
            ],
            "verdicts": [
                {
                    "pk": verdict.pk,
                    "first": reference_of(verdict.first_id),
                    "second": reference_of(verdict.second_id),
                    "decided_at": verdict.decided_at,
                }
                for verdict in verdicts_seen_by(officer)
            ],
        }


class UndoMergeView(OfficerRequiredMixin, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        officer = signed_in_user(request)
        merge = get_object_or_404(merges_seen_by(officer), pk=pk)
        try:
            actions.undo_merge(merge_id=merge.pk, by=officer)
        except actions.MergeRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("They are two registrations again."))
        return redirect("list_merges")


class TakeBackVerdictView(OfficerRequiredMixin, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        officer = signed_in_user(request)
        verdict = get_object_or_404(verdicts_visible_to(officer), pk=pk)
        pair = pair_for(officer, verdict.first_id, verdict.second_id)
        if pair is None:
            raise Http404
        actions.take_back_verdict(verdict_id=verdict.pk, by=officer)
        messages.success(request, _("The two can be compared again."))
        return redirect("compare_people", pair.first_id, pair.second_id)


def merges_seen_by(officer: User) -> Any:
    return Merge.objects.filter(kept__in=Person.objects.visible_to(officer).values("pk"))


def why_alike(pair: Pair) -> list[dict[str, str]]:
    return [{"text": str(kind.label), "tone": _TONES[kind]} for kind in pair.kinds]


def _choice(kept: Person, absorbed: Person) -> dict[str, Any]:
    return {
        "pk": kept.pk,
        "text": _("Same person: keep %(kept)s") % {"kept": kept.reference},
        "refusal": actions.why_not_merge(kept, absorbed),
        "loses_needs": bool(absorbed.needs and not kept.needs),
    }
