"""My stays: I have left, it is still right, another last day, more stays and fewer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView

from registrations import actions
from registrations.answers import OPEN_END, STAY_LIMIT
from registrations.forms import StayForm
from registrations.forms.mine import LastDayForm
from registrations.models import Stay
from registrations.saved_stays import stay_answer
from registrations.views.mine import OwnRegistrationMixin
from registrations.views.stays import initial_of
from registrations.whereabouts import place_of


class OwnStayMixin(OwnRegistrationMixin):
    """Works on one stay of the person of the visit."""

    @property
    def stay(self) -> Stay:
        stay_id: UUID = self.kwargs["stay_id"]
        found = Stay.objects.select_related("place")
        stay = found.filter(pk=stay_id, person_id=self.person_id).first()
        if stay is None:
            raise Http404
        return stay


class AddOwnStayView(OwnRegistrationMixin, FormView):
    form_class = StayForm
    template_name = "registrations/add_own_stay.html"

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            actions.add_stay(person_id=self.person_id, stay=form.answer, by=self.by)  # type: ignore[attr-defined]
        except actions.TooMany:
            form.add_error(None, _("You can give up to %(limit)s stays.") % {"limit": STAY_LIMIT})
            return self.form_invalid(form)
        messages.success(self.request, _("The stay is added."))
        return redirect("read_registration")


class ChangeOwnStayView(OwnStayMixin, FormView):
    form_class = StayForm
    template_name = "registrations/change_own_stay.html"

    def get_initial(self) -> dict[str, Any]:
        return initial_of(stay_answer(self.stay))

    def form_valid(self, form: forms.Form) -> HttpResponse:
        actions.change_stay(
            person_id=self.person_id,
            stay_id=self.stay.pk,
            stay=form.answer,  # type: ignore[attr-defined]
            by=self.by,
        )
        messages.success(self.request, _("The stay is changed."))
        return redirect("read_registration")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(stay_id=self.stay.pk, **kwargs)


class ChangeLastDayView(OwnStayMixin, FormView):
    form_class = LastDayForm
    template_name = "registrations/change_last_day.html"

    def get_initial(self) -> dict[str, Any]:
        end = self.stay.ends_on
        return {"ends_on": None if end == OPEN_END else end}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "starts_on": self.stay.starts_on}

    def form_valid(self, form: LastDayForm) -> HttpResponse:
        actions.extend_stay(
            stay_id=self.stay.pk,
            person_id=self.person_id,
            ends_on=form.cleaned_data["ends_on"],
            by=self.by,
        )
        messages.success(self.request, _("The last day is changed."))
        return redirect("read_registration")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(label=place_of(self.stay), **kwargs)


class LeaveOwnStayView(OwnStayMixin):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if actions.leave_stays(person_id=self.person_id, stay_ids=[kwargs["stay_id"]], by=self.by):
            messages.success(
                request,
                _(
                    "Done: we know that you have left. If it was a mistake, press "
                    "“I am still there”."
                ),
            )
        return redirect("read_registration")


class ReturnToOwnStayView(OwnStayMixin):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if actions.return_to_stays(
            person_id=self.person_id, stay_ids=[kwargs["stay_id"]], by=self.by
        ):
            messages.success(request, _("Done: the stay has its earlier last day again."))
        return redirect("read_registration")


class ConfirmOwnStayView(OwnStayMixin):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if actions.confirm_stays(
            person_id=self.person_id, stay_ids=[kwargs["stay_id"]], by=self.by
        ):
            messages.success(request, _("Thank you. We know that it is still right."))
        return redirect("read_registration")


class RemoveOwnStayView(OwnStayMixin):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            if actions.remove_stay(person_id=self.person_id, stay_id=kwargs["stay_id"], by=self.by):
                messages.success(request, _("The stay is removed."))
        except actions.OnlyOne:
            messages.error(
                request,
                _(
                    "This is your only stay, and a registration needs one. Add another first, or "
                    "erase the registration."
                ),
            )
        return redirect("read_registration")


class ResumeRemindersView(OwnRegistrationMixin):
    """Takes back the stop that a link in a reminder had made."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if actions.resume_reminders(person_id=self.person_id, by=self.by):
            messages.success(request, _("Done: we remind you of your stays again."))
        return redirect("read_registration")
