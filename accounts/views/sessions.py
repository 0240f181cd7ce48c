"""Where am I signed in, and how do I end it?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.access import SignedInRequiredMixin, signed_in_user
from accounts.actions import end_session, revoke_sessions
from accounts.devices import device_name
from accounts.models import UserSession
from accounts.sessions import is_over, this_session


class ListSessionsView(SignedInRequiredMixin, TemplateView):
    template_name = "accounts/list_sessions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, here = timezone.now(), this_session(self.request)
        rows = UserSession.objects.filter(user=signed_in_user(self.request)).order_by("-seen_at")
        sessions = [
            {"row": row, "device": device_name(row.device), "is_this": row.pk == here}
            for row in rows
            if not is_over(row, now)
        ]
        sessions.sort(key=lambda session: not session["is_this"])
        return super().get_context_data(sessions=sessions, **kwargs)


class EndSessionView(SignedInRequiredMixin, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, session_id: UUID) -> HttpResponse:
        user = signed_in_user(request)
        if end_session(user=user, session_id=session_id, by=user):
            messages.success(request, _("The session was ended."))
        return redirect("list_sessions")


class RevokeSessionsView(SignedInRequiredMixin, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        user = signed_in_user(request)
        revoke_sessions(user=user, by=user, keep=this_session(request))
        update_session_auth_hash(request, user)  # The one that asked stays.
        messages.success(request, _("You are signed out everywhere else."))
        return redirect("list_sessions")
