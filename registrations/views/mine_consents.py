"""What I agree to: each purpose with its text, given and taken back with one press; and, where a
text has changed, the two side by side."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from registrations import actions
from registrations.actions.changing import has_consent
from registrations.consent_texts import Words, current_text, words_of
from registrations.current_crises import current_crises
from registrations.enums import ConsentPurpose
from registrations.models import Person
from registrations.reading import read_consents
from registrations.views.mine import OwnRegistrationMixin

# Given together with what they let us keep, on that page.
_PAGES = {ConsentPurpose.NEEDS: "change_needs", ConsentPurpose.STATISTICS: "change_statistics"}


class ReadConsentsView(OwnRegistrationMixin, TemplateView):
    template_name = "registrations/read_consents.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = []
        for row in read_consents(self.person):
            purpose = ConsentPurpose(row["purpose"])
            # What stands is shown in its own version; what may be given, as it would be now.
            agreed = _agreed(row) if row["stands"] else None
            version = row["text_version"]
            same = words_of(purpose, version, self.page_language) if agreed else None
            text = current_text(purpose)
            rows.append(
                row
                | {
                    "title": same.title if same else text.title,
                    "text": same.parts[0] if same else text.parts[0],
                    "text_language": same.language if same else self.page_language,
                    # In the language in which it was read, where that is another.
                    "read_as": agreed if agreed != same else None,
                    "page": _PAGES.get(purpose, ""),
                }
            )
        asks_again = any(row["asks_again"] for row in rows)
        return super().get_context_data(consents=rows, asks_again=asks_again, **kwargs)


class RenewConsentsView(OwnRegistrationMixin, TemplateView):
    """A text has changed: what was agreed to beside what is asked now. Nothing waits for it."""

    template_name = "registrations/renew_consents.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not any(row["is_old"] for row in read_consents(self.person)):
            return redirect("read_consents")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        changed = [row for row in read_consents(self.person) if row["is_old"]]
        asked = [row for row in changed if row["asks_again"]] or changed
        rows = []
        for row in asked:
            text = current_text(row["purpose"])
            rows.append(
                row
                | {
                    "before": _agreed(row),
                    "after": text,
                    "text": text.parts[0],
                    "version": text.version,
                    "difference": text.difference,
                    "changed_on": text.in_force,
                }
            )
        return super().get_context_data(consents=rows, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        purpose, choice = request.POST.get("purpose", ""), request.POST.get("choice", "")
        version = request.POST.get("version", "")
        if purpose not in ConsentPurpose.values:
            return redirect("renew_consents")
        if choice == "stop" and purpose == ConsentPurpose.CRISIS_CONTACT:
            return redirect("stop_notices")
        try:
            self._choose(choice, purpose, version)
        except actions.TextMovedOn:
            messages.warning(request, _("The text has changed once more. Read it again."))
            return redirect("renew_consents")
        if any(row["asks_again"] for row in read_consents(self.person)):
            return redirect("renew_consents")
        return redirect("read_registration")

    def _choose(self, choice: str, purpose: str, version: str) -> None:
        if choice == "agree":
            if actions.give_consent(
                person_id=self.person_id,
                purpose=purpose,
                language=self.page_language,
                version=version,
                renews=True,
                by=self.by,
            ):
                messages.success(self.request, _("Thank you: you agree to this."))
        elif choice == "keep":
            if actions.keep_consent(
                person_id=self.person_id, purpose=purpose, version=version, by=self.by
            ):
                messages.success(
                    self.request, _("What you agreed to before goes on. We will not ask again.")
                )
        elif choice == "stop" and actions.withdraw_consent(
            person_id=self.person_id, purpose=purpose, by=self.by
        ):
            messages.success(self.request, _("Done: you no longer agree to this."))


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


def page_after_sign_in(person: Person) -> str:
    """Where a sign-in leads: to a text that has changed, unless a crisis has just been announced:
    who signs in then has other things to do."""
    if not current_crises() and any(row["asks_again"] for row in read_consents(person)):
        return reverse("renew_consents")
    return reverse("read_registration")


def _agreed(row: dict[str, Any]) -> Words | None:
    return words_of(row["purpose"], row["text_version"], row["language"])
