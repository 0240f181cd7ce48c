"""What you agree to, and what is kept only under such an agreement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect

from registrations.answers import Answers
from registrations.forms import ConsentsForm
from registrations.views.steps import StepView


class GiveConsentsView(StepView):
    step = "consents"
    form_class = ConsentsForm
    template_name = "registrations/give_consents.html"

    def get_initial(self) -> dict[str, Any]:
        answers = self.answers
        return {
            **dict.fromkeys(answers.consents, True),
            "needs_text": answers.needs,
            "gender": answers.gender,
            "home_region": answers.home_region,
        }

    def form_valid(self, form: ConsentsForm) -> HttpResponse:
        cleaned, consents = form.cleaned_data, form.consents

        def change(answers: Answers) -> Answers:
            return replace(
                answers,
                consents=consents,
                needs=cleaned["needs_text"],
                gender=cleaned["gender"],
                home_region=cleaned["home_region"],
            ).without_unagreed()

        self.change(change)
        return redirect(self.get_success_url())
