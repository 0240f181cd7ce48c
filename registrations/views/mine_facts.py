"""Who I am, what I need, my group, and passing word on: each with a page of its own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView

from geography.labels import label_place
from registrations import actions
from registrations.actions.changing import has_consent
from registrations.enums import ConsentPurpose
from registrations.forms.mine import FactsForm, FocalPointForm, NeedsForm, StatisticsForm
from registrations.models import FocalPoint
from registrations.views.mine import OwnRegistrationMixin


class ChangeFactsView(OwnRegistrationMixin, FormView):
    form_class = FactsForm
    template_name = "registrations/change_facts.html"

    def get_initial(self) -> dict[str, Any]:
        person = self.person
        return {
            "name": person.name,
            "language": person.language,
            "document_number": person.document_number or "",
            "birth_date": person.birth_date,
        }

    def form_valid(self, form: FactsForm) -> HttpResponse:
        if actions.change_facts(person_id=self.person_id, by=self.by, **form.cleaned_data):
            messages.success(self.request, _("Saved."))
        return redirect("read_registration")


class ChangeNeedsView(OwnRegistrationMixin, FormView):
    """The needs and the consent they rest on, in one question."""

    form_class = NeedsForm
    template_name = "registrations/change_needs.html"

    def get_initial(self) -> dict[str, Any]:
        stands = has_consent(self.person_id, ConsentPurpose.NEEDS)
        return {"needs_text": (self.person.needs or "") if stands else "", "agree": stands}

    def form_valid(self, form: NeedsForm) -> HttpResponse:
        _agree(self, ConsentPurpose.NEEDS, form.cleaned_data["agree"])
        actions.change_needs(
            person_id=self.person_id, needs=form.cleaned_data["needs_text"], by=self.by
        )
        messages.success(self.request, _("Saved."))
        return redirect("read_registration")


class ChangeStatisticsView(OwnRegistrationMixin, FormView):
    """What only statistics use, and the consent it rests on, in one question."""

    form_class = StatisticsForm
    template_name = "registrations/change_statistics.html"

    def get_initial(self) -> dict[str, Any]:
        person = self.person
        return {
            "agree": has_consent(self.person_id, ConsentPurpose.STATISTICS),
            "gender": person.gender or "",
            "home_region": person.home_region or "",
        }

    def form_valid(self, form: StatisticsForm) -> HttpResponse:
        agreed = form.cleaned_data["agree"]
        _agree(self, ConsentPurpose.STATISTICS, agreed)
        if agreed:
            actions.change_statistics(
                person_id=self.person_id,
                gender=form.cleaned_data["gender"],
                home_region=form.cleaned_data["home_region"],
                by=self.by,
            )
        messages.success(self.request, _("Saved."))
        return redirect("read_registration")


class LeaveGroupView(OwnRegistrationMixin):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if actions.leave_group(person_id=self.person_id, by=self.by):
            messages.success(request, _("Done: you no longer belong to the group. It is not told."))
        return redirect("read_registration")


class BecomeFocalPointView(OwnRegistrationMixin, FormView):
    form_class = FocalPointForm
    template_name = "registrations/become_focal_point.html"

    def get_initial(self) -> dict[str, Any]:
        point = FocalPoint.objects.filter(person_id=self.person_id).select_related("place").first()
        if point is None:
            return {}
        return {
            "place": label_place(point.place),
            "place_id": str(point.place_id),
            "community": point.community or "",
            "agree": True,
        }

    def form_valid(self, form: forms.Form) -> HttpResponse:
        place = form.found if isinstance(form, FocalPointForm) else None
        if place is not None:
            actions.agree_to_relay(
                person_id=self.person_id,
                place=place,
                community=form.cleaned_data["community"],
                by=self.by,
            )
            messages.success(self.request, _("Thank you. You can take this back at any time."))
        return redirect("read_registration")


class StopFocalPointView(OwnRegistrationMixin):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if actions.stop_relaying(person_id=self.person_id, by=self.by):
            messages.success(request, _("Done: we no longer ask you to pass word on."))
        return redirect("read_registration")


def _agree(view: OwnRegistrationMixin, purpose: ConsentPurpose, agreed: bool) -> None:
    if agreed:
        actions.give_consent(
            person_id=view.person_id, purpose=purpose, language=view.page_language, by=view.by
        )
    else:
        actions.withdraw_consent(person_id=view.person_id, purpose=purpose, by=view.by)
