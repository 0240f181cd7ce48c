"""The second factor: chosen at the first sign-in, shown at each one, added and removed.

The library's views, with what is ours: the ledger, other sessions that end, and where one goes on.
"""

from __future__ import annotations

from typing import Any

from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.generic import TemplateView

from accounts.access import SignedInRequiredMixin, signed_in_user
from accounts.actions import note_second_factor_added, note_second_factor_removed
from accounts.middleware import WANTED_KEY
from accounts.second_factor import FACTORS, spend_code
from accounts.sessions import this_session


class ChooseSecondFactorView(SignedInRequiredMixin, TemplateView):
    """Where a user without a second factor is led, whatever they asked for."""

    template_name = "accounts/choose_second_factor.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = signed_in_user(request)
        if Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists():
            return redirect("mfa_index")
        return super().get(request, *args, **kwargs)


class AddAppView(ActivateTOTPView):
    def form_valid(self, form: Any) -> HttpResponse:
        user = signed_in_user(self.request)
        response = super().form_valid(form)
        app = Authenticator.objects.get(user_id=user.pk, type=Authenticator.Type.TOTP)
        spend_code(app, form.cleaned_data["code"])
        note_second_factor_added(user=user, kind=app.type)
        return response


class AddPasskeyView(AddWebAuthnView):
    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        note_second_factor_added(
            user=signed_in_user(self.request), kind=Authenticator.Type.WEBAUTHN.value
        )
        return response


class RemoveAppView(DeactivateTOTPView):
    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        _end_elsewhere(self.request, Authenticator.Type.TOTP)
        return response


class RemovePasskeyView(RemoveWebAuthnView):
    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        _end_elsewhere(self.request, Authenticator.Type.WEBAUTHN)
        return response


class ShowRecoveryCodesView(ViewRecoveryCodesView):
    """The codes, and a way on to the page that was asked for before a factor had to be set up."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"wanted_url": self.request.session.pop(WANTED_KEY, "")}


class TypeCodeView(AuthenticateView):
    """The second step of signing in."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        types = set(
            Authenticator.objects.filter(user_id=self.stage.login.user.pk).values_list(
                "type", flat=True
            )
        )
        return context | {
            "has_app": Authenticator.Type.TOTP in types,
            "has_passkey": Authenticator.Type.WEBAUTHN in types,
        }


def _end_elsewhere(request: HttpRequest, kind: Authenticator.Type) -> None:
    user = signed_in_user(request)
    note_second_factor_removed(user=user, kind=kind.value, keep=this_session(request))
    update_session_auth_hash(request, user)
