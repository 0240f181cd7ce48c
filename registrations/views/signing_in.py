"""Signing in without a password: an address, its code, then the registration that it opens.

Until the code is proved, every address is treated alike: nothing is looked up.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, TemplateView

from registrations import actions, limits, visits
from registrations.answers import Answers, ContactAnswer
from registrations.enums import SendProblem
from registrations.forms.signing_in import SignInForm, WhichPersonForm
from registrations.models import Person
from registrations.views.codes import ConfirmAddressView, send_code
from registrations.views.mine_consents import page_after_sign_in
from registrations.views.steps import PAGES, read_draft


@method_decorator(never_cache, name="dispatch")
class SignInView(FormView):
    form_class = SignInForm
    template_name = "registrations/sign_in.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = visits.registration_id(request)
        if found and Person.objects.filter(pk=found).exists():
            return redirect("read_registration")
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: SignInForm) -> HttpResponse:
        contact: ContactAnswer = form.cleaned_data["contact"]
        draft_id = self._attempt(contact)
        problem = send_code(self.request, draft_id, contact, unless_recent=True)
        if problem:
            form.add_error("contact", SendProblem(problem).label)
            return self.form_invalid(form)
        return redirect("confirm_sign_in")

    def _attempt(self, contact: ContactAnswer) -> UUID:
        """The visit's draft with this address in it; a new one where one was proved already."""
        draft_id = visits.sign_in_draft(self.request)
        draft = read_draft(draft_id) if draft_id else None
        answers = Answers(language=(get_language() or "en").split("-")[0], contacts=(contact,))
        if draft is None or Answers.from_json(draft.answers).proved:
            draft = actions.start_draft(answers=answers)
            visits.begin_sign_in(self.request, draft.pk)
        else:
            actions.change_draft(draft_id=draft.pk, change=lambda _: answers)
        return draft.pk


@method_decorator(never_cache, name="dispatch")
class SignInAttemptMixin:
    """Works on the address of the visit's attempt; leads back to the beginning without one."""

    draft_id: UUID
    answers: Answers

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        draft_id = visits.sign_in_draft(request)
        draft = read_draft(draft_id) if draft_id else None
        answers = Answers.from_json(draft.answers) if draft else Answers()
        if draft is None or not answers.contacts:
            return redirect("sign_in")
        self.draft_id, self.answers = draft.pk, answers
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        except actions.DraftGone:
            return redirect("sign_in")


class ConfirmSignInView(SignInAttemptMixin, ConfirmAddressView):
    template_name = "registrations/confirm_sign_in.html"

    def attempt(self) -> tuple[UUID, ContactAnswer]:
        return self.draft_id, self.answers.contacts[0]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.answers.contacts[0].verified_at:
            return redirect("choose_registration")
        return super().get(request, *args, **kwargs)

    def confirmed(self) -> HttpResponse:
        return go_on(self.request, self.draft_id)


class ChooseRegistrationView(SignInAttemptMixin, FormView):
    """Several people share the address: who is meant? Nobody is named here."""

    form_class = WhichPersonForm
    template_name = "registrations/choose_registration.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if len(actions.people_proved_by(self.draft_id)) < 2:
            return redirect("sign_in")
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: WhichPersonForm) -> HttpResponse:
        people = actions.people_proved_by(self.draft_id)
        if not limits.take_guess(str(self.draft_id)):
            actions.erase_draft(draft_id=self.draft_id)
            visits.leave_sign_in(self.request)
            messages.error(
                self.request,
                _("We could not tell who you are in 5 tries. Begin again with a new code."),
            )
            return redirect("sign_in")
        person_id = actions.tell_apart(people, form.cleaned_data["who"])
        if person_id is None:
            form.add_error(
                "who",
                _(
                    "No single registration with this address matches. Write your full name as "
                    "you registered it, or your reference."
                ),
            )
            return self.form_invalid(form)
        return open_registration(self.request, person_id, self.draft_id)


class OfferRegistrationView(SignInAttemptMixin, TemplateView):
    """Nobody is registered with the proved address: one may register, and proves nothing anew."""

    template_name = "registrations/offer_registration.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.answers.proved:
            return redirect("confirm_sign_in")
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.answers.proved:
            return redirect("confirm_sign_in")
        visits.begin(request, self.draft_id)
        return redirect("enter_name")


@method_decorator(never_cache, name="dispatch")
class AlreadyRegisteredView(TemplateView):
    """Someone registers with an address that opens a registration: open that, or add a person."""

    template_name = "registrations/already_registered.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        draft_id = visits.registration_id(request)
        draft = read_draft(draft_id) if draft_id else None
        if draft is None:
            return redirect("enter_name")
        onward = PAGES[Answers.from_json(draft.answers).missing_step() or "check"]
        people = actions.people_proved_by(draft.pk)
        if not people or (request.method == "POST" and request.POST.get("choice") != "open"):
            return redirect(onward)
        if request.method != "POST":
            return super().dispatch(request, *args, **kwargs)
        if len(people) == 1:
            return open_registration(request, people[0], draft.pk)
        visits.begin_sign_in(request, draft.pk)
        return redirect("choose_registration")


def go_on(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Where an address just proved leads: to its registration, to one begun, or to a new one."""
    people = actions.people_proved_by(draft_id)
    if len(people) == 1:
        return open_registration(request, people[0], draft_id)
    if people:
        return redirect("choose_registration")
    unfinished = actions.unfinished_registration(draft_id)
    if unfinished is None:
        return redirect("offer_registration")
    begun = read_draft(unfinished)
    missing = Answers.from_json(begun.answers).missing_step() if begun else "who"
    actions.erase_draft(draft_id=draft_id)
    visits.begin(request, unfinished)
    messages.info(request, _("Here is the registration you began. Nothing you typed is lost."))
    return redirect(PAGES[missing or "check"])


def open_registration(request: HttpRequest, person_id: UUID, draft_id: UUID) -> HttpResponse:
    actions.note_sign_in(person_id=person_id)
    visits.open_person(request, person_id)
    actions.erase_draft(draft_id=draft_id)
    return redirect(page_after_sign_in(Person.objects.get(pk=person_id)))
