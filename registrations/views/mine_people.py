"""Who travels with me and whom to call at home, changed after registering."""

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
from registrations.answers import COMPANION_LIMIT, FAMILY_LIMIT
from registrations.enums import CompanionConsent
from registrations.forms import CompanionForm, FamilyForm
from registrations.models import Companion, FamilyContact
from registrations.views.mine import OwnRegistrationMixin


class AddOwnCompanionView(OwnRegistrationMixin, FormView):
    form_class = CompanionForm
    template_name = "registrations/change_own_companion.html"

    def form_valid(self, form: CompanionForm) -> HttpResponse:
        try:
            actions.add_companion(person_id=self.person_id, companion=form.answer, by=self.by)
        except actions.TooMany:
            form.add_error(None, _too_many(COMPANION_LIMIT))
            return self.form_invalid(form)
        messages.success(self.request, _("Saved."))
        return redirect("read_registration")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"companion_id": None, "may_change": True, **kwargs})


class ChangeOwnCompanionView(OwnRegistrationMixin, FormView):
    """Correct one; someone who was written to speaks for themselves, and can only be removed."""

    form_class = CompanionForm
    template_name = "registrations/change_own_companion.html"

    @property
    def companion(self) -> Companion:
        companion_id: UUID = self.kwargs["companion_id"]
        found = Companion.objects.filter(pk=companion_id, person_id=self.person_id).first()
        if found is None:
            raise Http404
        return found

    def get_form(self, form_class: type[forms.BaseForm] | None = None) -> forms.BaseForm:
        form = super().get_form(form_class)
        field = form.fields["consent"]
        # Who was named without an address is not written to later: name them anew for that.
        field.choices = [
            choice for choice in field.choices if choice[0] != CompanionConsent.INVITED
        ]
        return form

    def get_initial(self) -> dict[str, Any]:
        companion = self.companion
        return {
            "name": companion.name,
            "birth_date": companion.birth_date,
            "consent": companion.consent,
        }

    def form_valid(self, form: CompanionForm) -> HttpResponse:
        if actions.change_companion(
            person_id=self.person_id,
            companion_id=self.companion.pk,
            companion=form.answer,
            by=self.by,
        ):
            messages.success(self.request, _("Saved."))
        return redirect("read_registration")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        companion = self.companion
        return super().get_context_data(
            companion_id=companion.pk,
            may_change=companion.consent != CompanionConsent.INVITED,
            **kwargs,
        )


class RemoveOwnCompanionView(OwnRegistrationMixin):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if actions.remove_companion(
            person_id=self.person_id, companion_id=kwargs["companion_id"], by=self.by
        ):
            messages.success(request, _("Removed."))
        return redirect("read_registration")


class AddOwnFamilyView(OwnRegistrationMixin, FormView):
    form_class = FamilyForm
    template_name = "registrations/change_own_family.html"
    contact_id: UUID | None = None

    def get_initial(self) -> dict[str, Any]:
        return {"language": self.person.language}

    def form_valid(self, form: FamilyForm) -> HttpResponse:
        contact = form.answer
        try:
            if contact and actions.save_family_contact(
                person_id=self.person_id,
                contact=contact,
                contact_id=self.kwargs.get("contact_id"),
                by=self.by,
            ):
                messages.success(self.request, _("Saved."))
        except actions.TooMany:
            form.add_error(None, _too_many(FAMILY_LIMIT))
            return self.form_invalid(form)
        except actions.Objected:
            form.add_error(
                None,
                _(
                    "Whoever is reached there did not want to be listed here. Name somebody else, "
                    "or speak with them first and use another address."
                ),
            )
            return self.form_invalid(form)
        return redirect("read_registration")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(contact_id=self.kwargs.get("contact_id"), **kwargs)


class ChangeOwnFamilyView(AddOwnFamilyView):
    def get_initial(self) -> dict[str, Any]:
        own = FamilyContact.objects.filter(person_id=self.person_id, objected_at=None)
        contact = own.filter(pk=self.kwargs["contact_id"]).first()
        if contact is None:
            raise Http404
        return {
            "name": contact.name,
            "relationship": contact.relationship or "",
            "phone": contact.phone or "",
            "mail": contact.mail or "",
            "language": contact.language,
        }


class RemoveOwnFamilyView(OwnRegistrationMixin):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if actions.remove_family_contact(
            person_id=self.person_id, contact_id=kwargs["contact_id"], by=self.by
        ):
            messages.success(request, _("Removed."))
        return redirect("read_registration")


def _too_many(limit: int) -> str:
    return _("You can name up to %(limit)s people here.") % {"limit": limit}
