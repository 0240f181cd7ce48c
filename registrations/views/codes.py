"""The code that proves an address: sent, sent again when asked, and taken."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView

from registrations import actions, visits
from registrations.answers import ContactAnswer
from registrations.enums import CodeProblem, SendProblem
from registrations.forms.signing_in import OneCodeForm


def send_code(
    request: HttpRequest, draft_id: UUID, contact: ContactAnswer, *, unless_recent: bool = False
) -> SendProblem | None:
    """Send a code to an address of the draft; what stands against it. Raises DraftGone."""
    return actions.send_code(
        draft_id=draft_id,
        channel=contact.channel,
        network=visits.client_network(request),
        unless_recent=unless_recent,
    )


def send_another_code(request: HttpRequest, draft_id: UUID, contact: ContactAnswer) -> None:
    """Send a code again, and say on the next page what came of it. Raises DraftGone."""
    problem = send_code(request, draft_id, contact)
    if problem:
        messages.error(request, SendProblem(problem).label)
    else:
        # Messages travel in a cookie, so they name no address.
        messages.success(request, _("We have sent a new code. The earlier one no longer works."))


class ConfirmAddressView(FormView):
    """Takes the code of the one address of a draft."""

    form_class = OneCodeForm

    def attempt(self) -> tuple[UUID, ContactAnswer]:
        """The draft, and its address that the code was sent to."""
        raise NotImplementedError

    def confirmed(self) -> HttpResponse:
        """What follows once the address is proved."""
        raise NotImplementedError

    def get_form_kwargs(self) -> dict[str, Any]:
        _draft_id, contact = self.attempt()
        return {**super().get_form_kwargs(), "address": contact.address}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "resend" not in request.POST:
            return super().post(request, *args, **kwargs)
        send_another_code(request, *self.attempt())
        return redirect(request.path)

    def form_valid(self, form: OneCodeForm) -> HttpResponse:
        draft_id, contact = self.attempt()
        problem = actions.confirm_code(
            draft_id=draft_id, channel=contact.channel, typed=form.cleaned_data["code"]
        )
        if problem:
            form.add_error("code", CodeProblem(problem).label)
            return self.form_invalid(form)
        return self.confirmed()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        _draft_id, contact = self.attempt()
        return super().get_context_data(is_mail=contact.channel == "mail", **kwargs)
