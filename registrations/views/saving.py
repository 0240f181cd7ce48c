"""Stopping before the end, and leaving a device that others use."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from registrations import visits
from registrations.answers import Answers
from registrations.views.steps import SAVED_UNTIL, read_draft, stop_for_now


class SaveForLaterView(View):
    """Stop with what the pages before have kept."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return stop_for_now(request)


@method_decorator(never_cache, name="dispatch")
class ShowSavedView(TemplateView):
    """Says how to come back. A code sent to a proved address leads back from any device; before
    one is proved nothing but this visit knows the draft, so the visit goes on."""

    template_name = "registrations/saved_for_later.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        draft_id = visits.registration_id(request)
        draft = read_draft(draft_id) if draft_id else None
        if draft:
            expires_at, may_go = draft.expires_at, bool(Answers.from_json(draft.answers).proved)
        elif SAVED_UNTIL in request.session:
            expires_at, may_go = dt.datetime.fromisoformat(request.session[SAVED_UNTIL]), True
        else:
            return redirect("start")
        return self.render_to_response(
            self.get_context_data(may_go=may_go, expires_at=expires_at, **kwargs)
        )


class FinishVisitView(View):
    """Forget on this device whose registration it was."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        visits.finish(request)
        messages.success(request, _("Done. Nothing of your registration stays on this device."))
        return redirect("start")
