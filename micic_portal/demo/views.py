"""The newcomer's pages: who to sign in as, what is prepared, and what arrived on the phones."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from micic_portal.demo.guests import ORGANISER_MAIL, TRAVELLER_MAIL
from micic_portal.demo.inbox import DemoSinks, SinksUnreachable
from micic_portal.demo.staff import DEMO_PASSWORD, OFFICERS, demo_code, read_demo_agency

_LONGEST_ANSWER = 300


def _logins() -> dict[str, Any]:
    """Each login with the code that its authenticator app shows, and how long that one is new."""
    return {
        "logins": [{"officer": one, "code": demo_code(one.email)} for one in OFFICERS],
        "seconds": 30 - int(time.time()) % 30,
    }


class ShowDemoView(TemplateView):
    template_name = "demo/show_demo.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["traveller_mail"] = TRAVELLER_MAIL
        context["organiser_mail"] = ORGANISER_MAIL
        context |= _logins()
        context["password"] = DEMO_PASSWORD
        context["agency"] = read_demo_agency()
        context["portal_url"] = settings.PORTAL_URL
        return context


class ShowLoginsView(TemplateView):
    """The part of that page that changes each half minute."""

    template_name = "demo/logins.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | _logins()


class ShowInboxView(TemplateView):
    template_name = "demo/show_inbox.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        to = self.request.GET.get("to", "").strip()[:200]
        context |= {"to": to, "messages_arrived": [], "counts": {}, "unreachable": False}
        sinks = DemoSinks(settings.DEMO_SINKS_URL)
        try:
            context["messages_arrived"] = sinks.messages(to=to, limit=24)
            context["counts"] = sinks.counts()
        except SinksUnreachable:
            context["unreachable"] = True
        return context


class AnswerTextMessageView(View):
    """Sends what is typed from that telephone, as if its owner had answered there."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        sender = request.POST.get("sender", "").strip()[:20]
        text = request.POST.get("text", "").strip()[:_LONGEST_ANSWER]
        if not sender or not text:
            messages.error(request, _("Write what to answer."))
            return redirect("demo_inbox")
        try:
            is_taken = DemoSinks(settings.DEMO_SINKS_URL).answer(sender=sender, text=text)
        except SinksUnreachable:
            is_taken = False
        if is_taken:
            messages.success(request, _("Your answer has reached the portal."))
        else:
            messages.error(request, _("The portal did not take your answer."))
        return redirect("demo_inbox")
