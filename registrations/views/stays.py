"""Where you stay and when: a list that can be added to, changed and shortened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from geography.labels import label_place
from geography.models import Place
from registrations.answers import OPEN_END, STAY_LIMIT, Answers, StayAnswer
from registrations.enums import Precision, StayKind
from registrations.forms import StayForm
from registrations.locating import town_of_region
from registrations.summary import describe_stays
from registrations.views.steps import StepView


class AddStayView(StepView):
    step = "where"
    form_class = StayForm
    template_name = "registrations/add_stay.html"
    key = ""

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "key": self.key or uuid4().hex}

    def get_initial(self) -> dict[str, Any]:
        """What the next stage shares with the former: the ship, and the day in between."""
        if not self.answers.stays:
            return {"country": self.answers.country}
        former = self.answers.stays[-1]
        if former.ends_on == OPEN_END:
            return {}
        ship = former.aboard_or_with if former.kind == StayKind.VOYAGE else ""
        return {"kind": former.kind, "ship": ship, "starts_on": former.ends_on}

    def form_valid(self, form: StayForm) -> HttpResponse:
        stay = form.answer
        if not self.key and len(self.answers.stays) >= STAY_LIMIT:
            form.add_error(None, _("You can give up to %(limit)s stays.") % {"limit": STAY_LIMIT})
            return self.form_invalid(form)
        self.change(lambda answers: _with(answers, stay))
        if self.request.POST.get("then") == "another":
            return redirect("add_stay")
        return redirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            stays=describe_stays(self.answers.stays),
            is_change=bool(self.key),
            next_url=self.get_success_url() if self.answers.stays else "",
            **kwargs,
        )


class EditStayView(AddStayView):
    stay: StayAnswer

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.key = kwargs["key"].hex
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not any(stay.key == self.key for stay in self.answers.stays):
            raise Http404
        return super().get(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        stay = next((stay for stay in self.answers.stays if stay.key == self.key), None)
        return initial_of(stay) if stay else {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "back_url": reverse("add_stay")}


class RemoveStayView(StepView):
    step = "where"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key: UUID = kwargs["key"]
        self.change(lambda answers: _without(answers, key.hex))
        return redirect("add_stay")


def _with(answers: Answers, stay: StayAnswer) -> Answers:
    """Put the stay in the place of the one with its key, else in the order of the days.

    The same stay sent twice counts once.
    """
    others = [
        item
        for item in answers.stays
        if item.key != stay.key and replace(item, key="") != replace(stay, key="")
    ]
    return replace(
        answers, stays=tuple(sorted([*others, stay], key=lambda s: (s.starts_on, s.ends_on)))
    )


def _without(answers: Answers, key: str) -> Answers:
    return replace(answers, stays=tuple(stay for stay in answers.stays if stay.key != key))


def initial_of(stay: StayAnswer) -> dict[str, Any]:
    """The stay as its form was filled in."""
    is_region = stay.precision == Precision.REGION
    if is_region:
        place = town_of_region(stay.country, stay.admin1)
    else:
        place = Place.objects.filter(pk=stay.place_id or 0).first()
    is_voyage = stay.kind == StayKind.VOYAGE
    return {
        "kind": stay.kind,
        "ship": stay.aboard_or_with if is_voyage else "",
        "employer": "" if is_voyage else stay.aboard_or_with,
        "purpose": stay.purpose,
        "place": label_place(place) if place else "",
        "place_id": str(place.pk) if place else "",
        "around": is_region,
        "country": stay.country if stay.precision == Precision.COUNTRY else "",
        "latitude": "" if stay.latitude is None else f"{stay.latitude:.5f}",
        "longitude": "" if stay.longitude is None else f"{stay.longitude:.5f}",
        "exact_address": stay.exact_address,
        "starts_on": stay.starts_on,
        "ends_on": None if stay.ends_on == OPEN_END else stay.ends_on,
    }
