"""The newcomer's pages: who to sign in as, what is prepared, and what arrived on the phones."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.views.generic import TemplateView

from micic_portal.demo.guests import ORGANISER_MAIL, TRAVELLER_MAIL
from micic_portal.demo.inbox import DemoSinks, SinksUnreachable
from micic_portal.demo.staff import DEMO_PASSWORD, OFFICERS, read_demo_agency


class ShowDemoView(TemplateView):
    template_name = "demo/show_demo.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["traveller_mail"] = TRAVELLER_MAIL
        context["organiser_mail"] = ORGANISER_MAIL
        context["officers"] = OFFICERS
        context["password"] = DEMO_PASSWORD
        context["agency"] = read_demo_agency()
        context["portal_url"] = settings.PORTAL_URL
        return context


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
