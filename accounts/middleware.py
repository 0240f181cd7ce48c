"""Holds every page to what a signed-in user's session must have: a row, use, a second factor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from accounts.actions import begin_session, keep_session
from accounts.devices import device_of
from accounts.models import User, UserSession
from accounts.networks import address_of
from accounts.second_factor import FACTORS
from accounts.sessions import SESSION_KEY, is_by_hand, is_due, is_over, this_session

# What a user without a second factor may open: whatever it takes to set one up, and to leave.
_OPEN = frozenset(
    {
        "account_login",
        "account_logout",
        "account_reauthenticate",
        "choose_second_factor",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "set_language",
        "show_health",
    }
)
WANTED_KEY = "wanted_page"


class UserSessionMiddleware:
    """One small query for a page of a signed-in user; none for anybody else's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if hasattr(request, "user_session") and not response.has_header("Cache-Control"):
            # On a shared desk nobody reads these pages with the back button after signing out.
            add_never_cache_headers(response)
        return response

    def process_view(
        self, request: HttpRequest, view: object, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        # A visitor without a cookie is nobody yet, and their page stays the same for everyone.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        user = request.user
        if not isinstance(user, User):
            return None
        session, has_factor = _session_of(request, user)
        now = timezone.now()
        if session is None or is_over(session, now):
            return _sign_out(request, session)
        request.user_session = session  # type: ignore[attr-defined]
        by_hand = is_by_hand(request)
        if is_due(session, now, by_hand=by_hand):
            keep_session(session=session, now=now, by_hand=by_hand)
        match = request.resolver_match
        if has_factor or (match is not None and match.url_name in _OPEN):
            return None
        if request.method == "GET":
            request.session[WANTED_KEY] = request.path
        return redirect("choose_second_factor")


def _session_of(request: HttpRequest, user: User) -> tuple[UserSession | None, bool]:
    """The row of this session, None once it was ended, and whether its user has a factor."""
    factors = Authenticator.objects.filter(user=user, type__in=FACTORS)
    if SESSION_KEY not in request.session:
        return enter(request, user), factors.exists()
    session = (
        UserSession.objects.filter(pk=request.session[SESSION_KEY], user=user)
        .annotate(has_factor=Exists(factors.filter(user=OuterRef("user"))))
        .defer("address")
        .first()
    )
    return session, session is not None and session.has_factor


def enter(request: HttpRequest, user: User) -> UserSession:
    """Enter this session into the list of those that are open."""
    session = begin_session(
        user=user,
        device=device_of(request.headers.get("User-Agent", "")),
        address=address_of(request),
    )
    request.session[SESSION_KEY] = str(session.pk)
    return session


def leave(request: HttpRequest) -> None:
    """Take this session out of the list, because its user signs out."""
    session_id = this_session(request)
    if session_id is not None:
        UserSession.objects.filter(pk=session_id).delete()


def _sign_out(request: HttpRequest, session: UserSession | None) -> HttpResponseBase | None:
    """Go on as nobody: the page itself then says whether one must sign in for it."""
    if session is not None:
        session.delete()
    logout(request)
    if session is None:
        messages.info(request, _("This session was ended. Sign in again to go on."))
    else:
        messages.info(request, _("You were signed out, because this session was left alone."))
    if "HX-Request" in request.headers:
        # A part of a page: the sign-in page must not appear inside it.
        return HttpResponse(headers={"HX-Refresh": "true"})
    return None
