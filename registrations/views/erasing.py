"""Erasing one's registration: what would stay is said before, and again after."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.generic import FormView

from registrations import actions, visits
from registrations.erasing import Kept
from registrations.forms.erasing import LastWordsForm
from registrations.kept_words import kept_words
from registrations.views.mine import OwnRegistrationMixin


class EraseRegistrationView(OwnRegistrationMixin, FormView):
    template_name = "registrations/erase_registration.html"
    form_class = LastWordsForm
    kept: list[Kept]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.kept = []

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.kept = actions.would_keep(self.person_id)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.kept = actions.would_keep(self.person_id)
        if self.kept and "whereabouts" not in request.POST:
            # They asked for help after they had opened the page: nothing stays that was not said.
            return self.render_to_response(self.get_context_data(form=LastWordsForm()))
        return super().post(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        written = [item.whereabouts for item in self.kept if item.whereabouts]
        return {"whereabouts": written[0] if written else ""}

    def form_valid(self, form: LastWordsForm) -> HttpResponse:
        done = actions.erase_on_request(
            person_id=self.person_id, by=self.by, last_words=form.last_words
        )
        visits.finish(self.request)
        if done is None or not done.kept:
            messages.success(self.request, _("Your registration is erased."))
            return redirect("start")
        # Shown at once: nobody is left to whom another page could be shown.
        return render(
            self.request,
            "registrations/registration_erased.html",
            {"kept": [kept_words(item) for item in done.kept]},
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(kept=[kept_words(item) for item in self.kept], **kwargs)
