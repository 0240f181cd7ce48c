"""What django-axes asks and is told: our counts instead of its tables.

Its own tables stay empty: they would keep the addresses that people typed, mistyped passwords among
them, with their network address and browser, in the clear. It logs nothing here either.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from axes.handlers.base import AbstractAxesHandler, AxesBaseHandler
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import actions, lockouts
from accounts.networks import address_of


class LockoutHandler(AxesBaseHandler, AbstractAxesHandler):
    def is_allowed(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        """Count a password before it is looked at. Asked once for each."""
        return take_try(request, email=str((credentials or {}).get("email") or ""))

    def user_login_failed(
        self, sender: object, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        if request is not None:
            refuse_try(request)

    def user_logged_in(self, *args: Any, **kwargs: Any) -> None:
        """OfficerAccountAdapter does it, once the second factor was shown too."""

    def user_logged_out(self, *args: Any, **kwargs: Any) -> None:
        pass

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        return 0  # is_allowed() counts by itself.


def keep_no_address(request: HttpRequest) -> None:
    """What django-axes notes of a caller's address. Sign-ins without one come from tests."""


def take_try(request: Any, *, email: str) -> bool:
    """Count a password or a code that is about to be looked at; False when none may be."""
    request.sign_in_try = lockouts.take(email=email, address=address_of(request))
    return request.sign_in_try.locked_until is None


def forgive_try(request: Any) -> None:
    """It was right."""
    tried: lockouts.Try | None = getattr(request, "sign_in_try", None)
    if tried is not None:
        lockouts.give_back(tried)


def refuse_try(request: Any) -> None:
    """It was wrong, or not looked at. Where that locks the account, the page is replaced by one
    that says so, in the same words whether the password was right, wrong or nobody's."""
    tried: lockouts.Try | None = getattr(request, "sign_in_try", None)
    if tried is None:
        return
    until = tried.locked_until
    if until is None:
        until = lockouts.locked_until(email=tried.email, address=tried.address)
        if until is not None:
            actions.note_lock_out(email=tried.email)
    request.sign_in_locked_until = until
    request.axes_locked_out = until is not None  # AxesMiddleware then shows the page below.


def show_lockout(
    request: HttpRequest, response: HttpResponse, credentials: object = None
) -> HttpResponse:
    until: dt.datetime = getattr(request, "sign_in_locked_until", timezone.now())
    left = max(until - timezone.now(), dt.timedelta())
    page = render(
        request,
        "account/locked_out.html",
        {
            "minutes": int(left.total_seconds() // 60) + 1,
            "telephone": settings.OPERATOR_TELEPHONE,
        },
        status=429,
    )
    page["Retry-After"] = str(int(left.total_seconds()) + 1)
    page["Cache-Control"] = "no-store"
    return page
