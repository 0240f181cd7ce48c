"""How allauth behaves for officers: nobody signs up, accounts are made by the operator."""

from __future__ import annotations

from typing import Any

import rules
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import actions, lockouts, mailing
from accounts.lockout_handler import forgive_try
from accounts.middleware import enter, leave
from accounts.models import User
from accounts.networks import address_of
from accounts.rules import OPERATE, READ_LEDGER
from accounts.sessions import this_session

# The hash of the account as it was when the password was shown.
_SHOWN_KEY = "sign_in_shown"


class OfficerAccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        request.session[_SHOWN_KEY] = user.get_session_auth_hash()
        return super().pre_login(request, user, **kwargs)

    def login(self, request: HttpRequest, user: User) -> None:
        """The code may come minutes after the password: what ended the sessions ends this too."""
        shown = request.session.pop(_SHOWN_KEY, "")
        if not user.is_active or shown != user.get_session_auth_hash():
            clear_login(request)
            messages.info(request, _("This session was ended. Sign in again to go on."))
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        lockouts.welcome(user=user, address=address_of(request))
        enter(request, user)
        actions.note_sign_in(by=user)
        return super().post_login(request, user, **kwargs)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Officers land on the crises, who oversees on the ledger, operators on what is sent."""
        user = request.user
        if rules.has_perm(READ_LEDGER, user):
            return reverse("show_oversight")
        if rules.has_perm(OPERATE, user):
            return reverse("show_sending")
        return super().get_login_redirect_url(request)

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            actions.note_sign_out(by=request.user)
            leave(request)
        super().logout(request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            forgive_try(request)
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        actions.note_refused_sign_in(email=credentials.get("email", ""))

    def reauthenticate(self, user: User, password: str) -> bool:
        """Ask for the password again. An officer's address stands on the user, not beside it."""
        again = self.authenticate(self.request, email=user.email, password=password)
        return again is not None and again.pk == user.pk

    def set_password(self, user: User, password: str) -> None:
        is_own = self.request.user == user
        by = self.request.user if isinstance(self.request.user, User) else user
        keep = this_session(self.request) if is_own else None
        actions.change_password(user=user, password=password, by=by, keep=keep)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send later, and never show by an error page that an address is an officer's."""
        mailing.send_soon(self.render_mail(template_prefix, email, context), really=True)

    def send_nothing(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The work of sending, for an address that is nobody's."""
        mailing.send_soon(self.render_mail(template_prefix, email, context), really=False)
