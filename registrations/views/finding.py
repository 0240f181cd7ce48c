"""Officers' pages: find one person by something exact, and open their record for a reason."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.generic import FormView

from accounts.access import OfficerRequiredMixin, signed_in_user
from accounts.models import User
from audit.purposes import Purpose
from registrations.facts import facts_of
from registrations.finding import PEOPLE_SHOWN, find_people
from registrations.forms.finding import FindingForm, ReadingPurposeForm
from registrations.models import Person
from registrations.people_standing import standing
from registrations.reading import read_person


class _NothingKeptView(OfficerRequiredMixin, FormView):
    """A page that shows people: no browser keeps it, and no address holds what was typed."""

    @property
    def officer(self) -> User:
        return signed_in_user(self.request)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        response["Cache-Control"] = "no-store"
        return response


class FindPersonView(_NothingKeptView):
    template_name = "registrations/find_person.html"
    form_class = FindingForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {"found": None, "purpose": "", "most": PEOPLE_SHOWN} | super().get_context_data(
            **kwargs
        )

    def form_valid(self, form: FindingForm) -> HttpResponse:
        purpose = Purpose(form.cleaned_data["purpose"])
        people = find_people(sought=form.cleaned_data["sought"], purpose=purpose, by=self.officer)
        about = facts_of([person.pk for person in people], self.officer.countries)
        found = [about[person.pk] for person in people]
        return self.render_to_response(
            self.get_context_data(form=form, found=found, purpose=purpose.value)
        )


class ReadRecordView(_NothingKeptView):
    """Asks for the reason first; then shows the record once, and keeps nothing of it."""

    template_name = "registrations/read_record.html"
    form_class = ReadingPurposeForm

    @cached_property
    def person(self) -> Person:
        return get_object_or_404(
            Person.objects.visible_to(self.officer), pk=standing(self.kwargs["pk"])
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {"person": None, "reference": self.person.reference} | super().get_context_data(
            **kwargs
        )

    def form_valid(self, form: ReadingPurposeForm) -> HttpResponse:
        person = read_person(
            person_id=self.person.pk,
            purpose=Purpose(form.cleaned_data["purpose"]),
            by=self.officer,
            countries=self.officer.countries,
            note=form.cleaned_data["note"],
        )
        return self.render_to_response(self.get_context_data(form=form, person=person))
