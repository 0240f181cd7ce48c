"""Whom to call at home, and what you agree to."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect

from registrations.forms import ConsentsForm, FamilyForm
from registrations.views.steps import StepView


class EnterFamilyView(StepView):
    step = "family"
    form_class = FamilyForm
    template_name = "registrations/enter_family.html"

    def get_initial(self) -> dict[str, Any]:
        return asdict(self.answers.family[0]) if self.answers.family else {}

    def form_valid(self, form: FamilyForm) -> HttpResponse:
        family = (form.answer,) if form.answer else ()
        self.change(
            lambda answers: replace(answers, family=family, steps=answers.steps | {"family"})
        )
        return redirect(self.get_success_url())


class GiveConsentsView(StepView):
    step = "consents"
    form_class = ConsentsForm
    template_name = "registrations/give_consents.html"

    def get_initial(self) -> dict[str, Any]:
        return dict.fromkeys(self.answers.consents, True)

    def form_valid(self, form: ConsentsForm) -> HttpResponse:
        consents = form.consents
        self.change(lambda answers: replace(answers, consents=consents))
        return redirect(self.get_success_url())
