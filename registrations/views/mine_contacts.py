"""How I am reached: a new address is proved with a code before it counts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from notifications.channels.installed import describe_address
from notifications.channels.ports import BadAddress
from notifications.channels.push.offering import public_key, subscription_given
from notifications.enums import Channel
from registrations import actions, visits
from registrations.answers import Answers, ContactAnswer
from registrations.enums import TYPED_CHANNELS, SendProblem
from registrations.forms.mine import NewContactForm
from registrations.models import ContactPoint
from registrations.summary import channel_label
from registrations.views.codes import ConfirmAddressView, send_code
from registrations.views.mine import OwnRegistrationMixin
from registrations.views.steps import read_draft


class OwnContactMixin(OwnRegistrationMixin):
    """Works on one contact point of the person of the visit."""

    @property
    def contact(self) -> ContactPoint:
        contact_id: UUID = self.kwargs["contact_id"]
        own = ContactPoint.objects.filter(person_id=self.person_id, replaced_at=None)
        found = own.filter(pk=contact_id).first()
        if found is None:
            raise Http404
        return found


class AddContactView(OwnRegistrationMixin, FormView):
    """Takes the new address and sends it a code."""

    form_class = NewContactForm
    template_name = "registrations/add_contact.html"

    def replaced_id(self) -> UUID | None:
        return None

    def form_valid(self, form: NewContactForm) -> HttpResponse:
        contact: ContactAnswer = form.cleaned_data["contact"]
        answers = Answers(language=self.page_language, contacts=(contact,))
        draft_id, _replaced = visits.proving(self.request)
        draft = read_draft(draft_id) if draft_id else None
        if draft is None:
            draft = actions.start_draft(answers=answers)
        else:
            actions.change_draft(draft_id=draft.pk, change=lambda _: answers)
        visits.begin_proving(self.request, draft.pk, replaced=self.replaced_id())
        problem = send_code(self.request, draft.pk, contact, unless_recent=True)
        if problem:
            form.add_error("contact", SendProblem(problem).label)
            return self.form_invalid(form)
        return redirect("confirm_contact")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(replaces="", **kwargs)


class ReplaceContactView(OwnContactMixin, AddContactView):
    def replaced_id(self) -> UUID | None:
        return self.contact.pk

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"replaces": self.contact.address}


class ConfirmContactView(OwnRegistrationMixin, ConfirmAddressView):
    """Takes the code; only then does the new address count."""

    template_name = "registrations/confirm_contact.html"
    draft_id: UUID
    new: ContactAnswer
    replaced: UUID | None

    def elsewhere(self, request: HttpRequest) -> HttpResponseBase | None:
        draft_id, self.replaced = visits.proving(request)
        draft = read_draft(draft_id) if draft_id else None
        contacts = Answers.from_json(draft.answers).contacts if draft else ()
        if draft is None or not contacts:
            return redirect("add_contact")
        self.draft_id, self.new = draft.pk, contacts[0]
        return None

    def attempt(self) -> tuple[UUID, ContactAnswer]:
        return self.draft_id, self.new

    def confirmed(self) -> HttpResponse:
        try:
            actions.take_proved_contact(
                person_id=self.person_id,
                draft_id=self.draft_id,
                replaced_id=self.replaced,
                by=self.by,
            )
        except actions.TooMany:
            messages.error(self.request, _("You have many addresses already. Remove one first."))
            return redirect("read_registration")
        visits.leave_proving(self.request)
        messages.success(
            self.request,
            _("Done: the new one counts from now on, and the old one is told that it was replaced.")
            if self.replaced
            else _("Done: from now on we write there too."),
        )
        return redirect("read_registration")


class AddBrowserView(OwnRegistrationMixin):
    """Takes the address that a browser gave, so that it shows our notices."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not public_key():
            raise Http404
        try:
            actions.add_untyped_contact(
                person_id=self.person_id,
                channel=Channel.PUSH.value,
                address=subscription_given(request.POST.get("subscription", "")),
                by=self.by,
            )
        except BadAddress:
            messages.error(
                request, _("We cannot reach this browser. Try another one, or write to us.")
            )
        except actions.TooMany:
            messages.error(request, _("You have many addresses already. Remove one first."))
        else:
            messages.success(request, _("Done: from now on this browser shows our notices too."))
        return redirect("read_registration")


class ReadContactView(OwnContactMixin, TemplateView):
    """One address: where it works, another in its place, or no more of it."""

    template_name = "registrations/read_contact.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        contact = self.contact
        return super().get_context_data(
            contact=contact,
            channel=channel_label(contact.channel),
            shown=describe_address(contact.channel, contact.address),
            is_typed=contact.channel in TYPED_CHANNELS,
            **kwargs,
        )


class SetWorksAbroadView(OwnContactMixin):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actions.say_where_contact_works(
            person_id=self.person_id,
            contact_id=self.contact.pk,
            works_abroad=request.POST.get("works_abroad") == "yes",
            by=self.by,
        )
        messages.success(request, _("Thank you, we keep that in mind."))
        return redirect("read_registration")


class RemoveContactView(OwnContactMixin):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            actions.remove_contact(person_id=self.person_id, contact_id=self.contact.pk, by=self.by)
        except actions.OnlyOne:
            messages.error(
                request,
                _(
                    "This is the only address that is proved, and without one we cannot reach "
                    "you. Add another first."
                ),
            )
        else:
            messages.success(request, _("Done: we no longer write there."))
        return redirect("read_registration")
