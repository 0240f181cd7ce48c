"""Check your answers, and done."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from accounts.models import Post
from audit.actors import Actor
from geography.countries import named
from registrations import actions, visits
from registrations.actions.changing import has_consent
from registrations.enums import CompanionConsent, ConsentPurpose
from registrations.models import Draft, Person
from registrations.summary import sections
from registrations.views.steps import PAGES, StepView


class CheckAnswersView(StepView):
    step = "check"
    form_class = forms.Form
    template_name = "registrations/check_answers.html"

    def keep(self, form: forms.Form) -> bool:
        return True  # Every answer is kept already, and nothing is sent.

    def form_valid(self, form: forms.Form) -> HttpResponse:
        ended = [stay for stay in self.answers.stays if stay.ends_on < timezone.now().date()]
        if len(ended) == len(self.answers.stays):
            form.add_error(None, _("All your stays have ended meanwhile. Add one to come."))
            return self.form_invalid(form)
        try:
            actions.complete_registration(
                draft=Draft(pk=self.draft_id), by=Actor.traveller(self.draft_id)
            )
        except actions.Incomplete as missing:
            return redirect(PAGES[missing.step])
        return redirect("show_done")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(sections=sections(self.answers), **kwargs)


@method_decorator(never_cache, name="dispatch")
class ShowDoneView(TemplateView):
    template_name = "registrations/show_done.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person_id = visits.registration_id(request)
        person = Person.objects.filter(pk=person_id).first() if person_id else None
        # On a device that others use, the page may stand open in a tab for hours.
        if person is None or not visits.is_open(request, since=person.created_at):
            return redirect("start")
        countries = list(
            person.stays.exclude(country="")
            .order_by("country")
            .values_list("country", flat=True)
            .distinct()
        )
        return self.render_to_response(
            self.get_context_data(
                reference=person.reference,
                retention_days=settings.STAY_RETENTION_DAYS,
                posts=Post.objects.for_countries(countries),
                countries=named(countries),
                has_family=person.family_contacts.exists(),
                has_invited=person.companions.filter(consent=CompanionConsent.INVITED).exists(),
                wants_advice=has_consent(person.pk, ConsentPurpose.ADVICE),
                **kwargs,
            )
        )
