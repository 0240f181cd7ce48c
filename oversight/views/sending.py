"""How sending stands, for operators, and for the coordinators whose notices it is."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.views.generic import TemplateView

from accounts.access import PermissionRequiredMixin
from notifications.watching.readings import read_lately
from oversight.rules import WATCH_SENDING
from oversight.sending import picture


class ShowSendingView(PermissionRequiredMixin, TemplateView):
    permission = WATCH_SENDING
    template_name = "oversight/show_sending.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | picture(read_lately())


class SendingFiguresView(ShowSendingView):
    """The figures alone, fetched again every few seconds."""

    template_name = "oversight/sending_figures.html"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        response["Cache-Control"] = "no-store"
        return response
