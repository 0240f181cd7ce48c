"""What every step shares: the draft it works on, its place in the order, and where it leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import FormView

from registrations import actions, visits
from registrations.answers import Answers
from registrations.models import Draft, Person

# The steps in their order: the page of each.
PAGES = {
    "who": "enter_name",
    "code": "confirm_code",
    "where": "add_stay",
    "people": "enter_people",
    "consents": "give_consents",
    "check": "check_answers",
}
# Once these have been answered, a change leads straight back to the check.
_ORDER = list(PAGES)
# Until when a registration is kept that was left with a way back to it. Names nobody.
SAVED_UNTIL = "saved_until"


def read_draft(draft_id: UUID) -> Draft | None:
    draft = Draft.objects.filter(pk=draft_id).first()
    return None if draft is None or draft.has_expired else draft


def stop_for_now(request: HttpRequest) -> HttpResponse:
    """End the visit if a code can lead back to the draft; before that, only this visit can."""
    draft_id = visits.registration_id(request)
    draft = read_draft(draft_id) if draft_id else None
    if draft and Answers.from_json(draft.answers).proved:
        visits.finish(request)
        request.session[SAVED_UNTIL] = draft.expires_at.isoformat()
    return redirect("saved_for_later")


@method_decorator(never_cache, name="dispatch")
class StepView(FormView):
    """One step of a registration: reads the draft's answers, changes them, goes on."""

    step: str
    draft_id: UUID
    answers: Answers

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        draft_id = visits.registration_id(request)
        draft = read_draft(draft_id) if draft_id else None
        if draft is None:
            return self.without_draft(request, draft_id)
        self.draft_id = draft.pk
        self.answers = Answers.from_json(draft.answers)
        missing = self.answers.missing_step()
        if missing and _ORDER.index(missing) < _ORDER.index(self.step):
            return redirect(PAGES[missing])
        try:
            return super().dispatch(request, *args, **kwargs)
        except actions.DraftGone:
            return self.without_draft(request, draft_id)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("then") == "later":
            return self.save_for_later()
        return super().post(request, *args, **kwargs)

    def save_for_later(self) -> HttpResponse:
        """Keep this page too if it is right, and stop here."""
        form = self.get_form()
        if not (form.is_valid() and self.keep(form)):
            messages.warning(
                self.request,
                _("Your last page was not complete, so it is not kept. The pages before it are."),
            )
        return stop_for_now(self.request)

    def keep(self, form: Any) -> bool:
        """Save what the form says. False, with errors in the form, when it cannot be."""
        self.form_valid(form)
        return not form.errors

    def without_draft(self, request: HttpRequest, draft_id: UUID | None) -> HttpResponseBase:
        """Where to go when nothing is kept for this visit."""
        if draft_id and Person.objects.filter(pk=draft_id).exists():
            return redirect("show_done")
        if draft_id:
            visits.leave(request)
            messages.warning(
                request,
                _("What you typed was kept for 72 hours and is now erased. Please begin again."),
            )
        return redirect("enter_name")

    def change(self, change: Callable[[Answers], Answers]) -> None:
        self.answers = actions.change_draft(draft_id=self.draft_id, change=change)

    def get_success_url(self) -> str:
        """The next step; straight back to the check when only something was changed."""
        missing = self.answers.missing_step()
        if missing is None:
            return reverse("check_answers")
        following = _ORDER[_ORDER.index(self.step) + 1]
        return reverse(PAGES[min(missing, following, key=_ORDER.index)])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        number = _ORDER.index(self.step)
        return super().get_context_data(
            step=number + 1,
            total=len(_ORDER),
            back_url=reverse(PAGES[_ORDER[number - 1]]) if number else reverse("start"),
            **kwargs,
        )
