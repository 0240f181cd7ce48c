"""One screen to register on in a crisis, and one to tell us of a relative."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language

from crises import actions
from crises.models import Crisis, Submission
from crises.public_forms import CrisisForm, RegisterForm, RelativeForm
from crises.public_pages import PublicPageView
from geography.countries import named
from registrations.references import reference_of
from registrations.visits import client_network

_COUNTRIES = 3


class CrisisPageView(PublicPageView):
    """For pages of a crisis of which people have been told; no other is found. Never a drill."""

    crisis: Crisis

    def find(self, **kwargs: Any) -> None:
        told = Crisis.objects.published_to_agencies().filter(is_drill=False)
        crisis = told.select_related("post").filter(pk=kwargs["pk"]).first()
        if crisis is None:
            raise Http404
        self.crisis = crisis

    def crisis_of_page(self) -> Crisis:
        return self.crisis

    def over(self) -> HttpResponse:
        """The crisis is closed: the normal registration, and the number."""
        return self.show("crises/crisis_over.html", {"title": self.crisis.title}, 410)

    @property
    def language(self) -> str:
        return get_language() or "en"

    @property
    def network(self) -> str:
        return client_network(self.request)


class _CrisisFormView(CrisisPageView):
    """A form of one screen: shown, taken, and answered by another page."""

    form_class: type[CrisisForm]
    template = ""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        if not self.crisis.is_open:
            return self.over()
        return self._form_page(self.form_class(crisis=self.crisis))

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        if not self.crisis.is_open:
            return self.over()
        form = self.form_class(request.POST, crisis=self.crisis)
        if not form.is_valid():
            return self._form_page(form, status=422)
        try:
            return HttpResponseRedirect(self.address(self.take(form)))
        except actions.Refused:  # Closed between the two.
            return self.over()

    def take(self, form: Any) -> str:
        """Save the form; return the address of the next page. Raises Refused."""
        raise NotImplementedError

    def _form_page(self, form: CrisisForm, status: int = 200) -> HttpResponse:
        context = {
            "form": form,
            "title": self.crisis.title,
            "retention_days": settings.STAY_RETENTION_DAYS,
            "relative_url": self.address(reverse("report_relative", args=[self.crisis.pk])),
            "register_url": self.address(reverse("register_in_crisis", args=[self.crisis.pk])),
        }
        return self.show(self.template, context, status)


class RegisterInCrisisView(_CrisisFormView):
    form_class = RegisterForm
    template = "crises/register_in_crisis.html"

    def take(self, form: RegisterForm) -> str:
        submission = actions.register_in_crisis(
            crisis=self.crisis,
            as_sent=form.as_sent(),
            name=form.cleaned_data["name"],
            language=self.language,
            contacts=form.contacts,
            stay=form.stay(),
            choice=form.choice,
            note=form.cleaned_data["note"],
            network=self.network,
        )
        return reverse("show_registered", args=[self.crisis.pk, submission.pk])


class ReportRelativeView(_CrisisFormView):
    form_class = RelativeForm
    template = "crises/report_relative.html"

    def take(self, form: RelativeForm) -> str:
        actions.report_relative(
            crisis=self.crisis,
            as_sent=form.as_sent(),
            reporter=form.reporter,
            name=form.cleaned_data["name"],
            language=self.language,
            contacts=form.contacts,
            stay=form.stay(form.cleaned_data["since"]),
            note=form.cleaned_data["note"],
            network=self.network,
        )
        return reverse("show_reported", args=[self.crisis.pk])


class ShowRegisteredView(CrisisPageView):
    """The reference, the number, and what happens now. Of the person it says nothing."""

    def get(self, request: HttpRequest, pk: Any, submission: Any) -> HttpResponse:
        sent = Submission.objects.filter(crisis=self.crisis, pk=submission).first()
        if sent is None:
            raise Http404
        context = {
            "title": self.crisis.title,
            "reference": reference_of(sent.person_id),
            "proof_waits": sent.proof_waits,
            "countries": _countries_of(self.crisis),
        }
        return self.show("crises/show_registered.html", context)


class ShowReportedView(CrisisPageView):
    """The same for everybody, whatever is known of whom they asked after."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        context = {"title": self.crisis.title, "countries": _countries_of(self.crisis)}
        return self.show("crises/show_reported.html", context)


def _countries_of(crisis: Crisis) -> list[dict[str, str]]:
    """Whose advice is worth reading now: emergency numbers, the post. A storm may touch many."""
    return named(crisis.countries[:_COUNTRIES])
