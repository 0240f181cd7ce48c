"""Who you are, and the code that proves how you are reached."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language

from geography.countries import is_country
from registrations import actions, visits
from registrations.answers import Answers, ContactAnswer
from registrations.enums import CodeProblem, SendProblem
from registrations.forms import CodeForm, WhoForm
from registrations.views.codes import send_another_code, send_code
from registrations.views.steps import StepView

_FIELD_OF = {"mail": "mail", "sms": "mobile"}
# Once is enough to ask whether the registration that the address opens is meant.
_ASKED = "already"


class EnterNameView(StepView):
    step = "who"
    form_class = WhoForm
    template_name = "registrations/enter_name.html"
    has_draft = True

    def without_draft(self, request: HttpRequest, draft_id: UUID | None) -> HttpResponseBase:
        """The draft begins with the first answers that are right."""
        self.answers = Answers()
        self.has_draft = False
        return super(StepView, self).dispatch(request)

    def get_initial(self) -> dict[str, Any]:
        answers = self.answers
        language = answers.language if answers.name else (get_language() or "en").split("-")[0]
        initial: dict[str, Any] = {
            "name": answers.name,
            "language": language,
            "document_number": answers.document_number,
            "birth_date": answers.birth_date,
        }
        for contact in answers.contacts:
            field = _FIELD_OF[contact.channel]
            initial |= {field: contact.address, f"{field}_abroad": contact.works_abroad}
        return initial

    def form_valid(self, form: WhoForm) -> HttpResponse:
        cleaned, contacts = form.cleaned_data, form.contacts
        advised = self.request.GET.get("country", "")

        def change(answers: Answers) -> Answers:
            named = replace(
                answers,
                name=cleaned["name"],
                language=cleaned["language"],
                document_number=cleaned["document_number"],
                birth_date=cleaned["birth_date"],
                country=advised if is_country(advised) else answers.country,
            )
            return named.with_contacts(contacts)

        if self.has_draft:
            self.change(change)
        else:
            self.answers = change(self.answers)
            draft = actions.start_draft(answers=self.answers)
            self.draft_id = draft.pk
            self.has_draft = True
            visits.begin(self.request, draft.pk)
        for contact in self.answers.contacts:
            problem = send_code(self.request, self.draft_id, contact, unless_recent=True)
            if problem:
                form.add_error(_FIELD_OF[contact.channel], SendProblem(problem).label)
        if form.errors and not self.answers.proved and not self._can_type_a_code():
            return self.form_invalid(form)
        for problems in form.errors.values():
            # Another address can still be proved, so the visit goes on, and hears why.
            messages.warning(self.request, str(problems[0]))
        return redirect(self.get_success_url())

    def _can_type_a_code(self) -> bool:
        return actions.has_live_code(draft_id=self.draft_id)


class ConfirmCodeView(StepView):
    step = "code"
    form_class = CodeForm
    template_name = "registrations/confirm_code.html"

    @property
    def pending(self) -> list[ContactAnswer]:
        return [contact for contact in self.answers.contacts if not contact.verified_at]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            **super().get_form_kwargs(),
            "pending": self.pending,
            "anything_proved": bool(self.answers.proved),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wanted = request.POST.get("resend")
        if not wanted:
            return super().post(request, *args, **kwargs)
        contact = next((item for item in self.pending if item.channel == wanted), None)
        if contact:
            send_another_code(request, self.draft_id, contact)
        return redirect("confirm_code")

    def form_valid(self, form: CodeForm) -> HttpResponse:
        for channel, typed in form.typed.items():
            problem = actions.confirm_code(draft_id=self.draft_id, channel=channel, typed=typed)
            if problem:
                form.add_error(f"code_{channel}", CodeProblem(problem).label)
        self.change(lambda answers: answers)  # What the codes just proved.
        if form.errors:
            return self.form_invalid(form)
        is_asked = _ASKED in self.answers.steps
        if not is_asked and actions.people_proved_by(self.draft_id, self.answers):
            self.change(lambda answers: replace(answers, steps=answers.steps | {_ASKED}))
            return redirect("already_registered")
        return redirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(pending=self.pending, proved=self.answers.proved, **kwargs)
