"""My registration: what is kept about the visitor who just registered, and ending it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from audit.actors import Actor
from registrations import actions, visits
from registrations.enums import ConsentPurpose
from registrations.models import Person
from registrations.reading import read_own


@method_decorator(never_cache, name="dispatch")
class OwnRegistrationMixin(View):
    """Answers only for the person of the visit."""

    person_id: UUID

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = visits.registration_id(request)
        if found is None or not Person.objects.filter(pk=found).exists():
            return redirect("start")
        self.person_id = found
        return super().dispatch(request, *args, **kwargs)

    @property
    def by(self) -> Actor:
        return Actor.traveller(self.person_id)


class ReadRegistrationView(OwnRegistrationMixin, TemplateView):
    template_name = "registrations/read_registration.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            registration=read_own(person_id=self.person_id, by=self.by), **kwargs
        )


class StopConsentView(OwnRegistrationMixin):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        purpose = request.POST.get("purpose", "")
        if purpose in ConsentPurpose.values:
            actions.withdraw_consent(person_id=self.person_id, purpose=purpose, by=self.by)
            messages.success(request, _("Done: you no longer agree to this."))
        return redirect("read_registration")


class EraseRegistrationView(OwnRegistrationMixin, TemplateView):
    template_name = "registrations/erase_registration.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actions.erase_person(person_id=self.person_id, by=self.by)
        visits.leave(request)
        messages.success(request, _("Your registration is erased."))
        return redirect("start")
