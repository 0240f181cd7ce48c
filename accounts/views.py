"""An officer's own account: who am I here, and end my sessions elsewhere."""

from __future__ import annotations

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.access import SignedInRequiredMixin, signed_in_user
from accounts.actions import revoke_sessions


class ShowAccountView(SignedInRequiredMixin, TemplateView):
    template_name = "accounts/show_account.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = signed_in_user(self.request)
        rows = [
            {"label": _("Name"), "value": user.name},
            {"label": _("Mail address"), "value": user.email},
            {"label": _("Role"), "value": user.get_role_display()},
            {"label": _("Post"), "value": user.post.name if user.post else ""},
            {"label": _("Second factor"), "value": _("On") if is_mfa_enabled(user) else _("Off")},
        ]
        return super().get_context_data(rows=rows, **kwargs)


class RevokeSessionsView(SignedInRequiredMixin, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        user = signed_in_user(request)
        revoke_sessions(user=user, by=user)
        update_session_auth_hash(request, user)  # The one that asked stays.
        messages.success(request, _("You are signed out everywhere else."))
        return redirect("show_account")
