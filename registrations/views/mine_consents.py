"""What I agree to: each purpose with its text, given and taken back with one press."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from registrations import actions
from registrations.actions.changing import has_consent
from registrations.enums import ConsentPurpose
from registrations.forms import ConsentsForm
from registrations.reading import read_consents
from registrations.views.mine import OwnRegistrationMixin

# Given together with what they let us keep, on that page.
_PAGES = {ConsentPurpose.NEEDS: "change_needs", ConsentPurpose.STATISTICS: "change_statistics"}


class ReadConsentsView(OwnRegistrationMixin, TemplateView):
    template_name = "registrations/read_consents.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        texts = ConsentsForm().fields
        rows = [
            row
            | {
                "title": texts[row["purpose"]].label,
                "text": texts[row["purpose"]].help_text,
                "page": _PAGES.get(ConsentPurpose(row["purpose"]), ""),
            }
            for row in read_consents(self.person)
        ]
        return super().get_context_data(consents=rows, **kwargs)


class GiveConsentView(OwnRegistrationMixin):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        purpose = request.POST.get("purpose", "")
        if purpose in ConsentPurpose.values and actions.give_consent(
            person_id=self.person_id, purpose=purpose, language=self.page_language, by=self.by
        ):
            messages.success(request, _("Thank you: you agree to this."))
        return redirect("read_consents")


class StopConsentView(OwnRegistrationMixin):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        purpose = request.POST.get("purpose", "")
        if purpose in ConsentPurpose.values and actions.withdraw_consent(
            person_id=self.person_id, purpose=purpose, by=self.by
        ):
            messages.success(request, _("Done: you no longer agree to this."))
        return redirect("read_consents")


class StopNoticesView(OwnRegistrationMixin, TemplateView):
    """Taking back the first consent: only the notices, or the whole registration?"""

    template_name = "registrations/stop_notices.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not has_consent(self.person_id, ConsentPurpose.CRISIS_CONTACT):
            return redirect("read_consents")
        return super().get(request, *args, **kwargs)
