"""Who may open a page: not signed in goes to the sign-in page, a wrong role gets a 403."""

from __future__ import annotations

from typing import Any, ClassVar

import rules
from django.contrib.auth.mixins import AccessMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers

from accounts.models import User
from accounts.rules import COORDINATE, OPERATE, READ_LEDGER, SERVE_PEOPLE, USE_PORTAL


def signed_in_user(request: HttpRequest) -> User:
    """The request's user where one is signed in; raises PermissionDenied otherwise."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


class PermissionRequiredMixin(AccessMixin):
    """Base of the mixins below: `permission` names the rule that opens the page.

    Which rows the page then shows is another question, which its queryset answers
    (`.visible_to(user)`): a record outside the user's jurisdiction is not found.
    """

    permission: ClassVar[str] = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if not rules.has_perm(self.permission, signed_in_user(request)):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        if not response.has_header("Cache-Control"):
            # On a shared desk nobody reads these pages with the back button after signing out.
            add_never_cache_headers(response)
        return response


class SignedInRequiredMixin(PermissionRequiredMixin):
    """Any user of the ministry."""

    permission = USE_PORTAL


class OfficerRequiredMixin(PermissionRequiredMixin):
    """Consular officers, and the coordinator in the capital who acts for every post."""

    permission = SERVE_PEOPLE


class CoordinatorRequiredMixin(PermissionRequiredMixin):
    """What no post may do alone."""

    permission = COORDINATE


class LedgerReaderRequiredMixin(PermissionRequiredMixin):
    """Those who see the ledger and not the people."""

    permission = READ_LEDGER


class OperatorRequiredMixin(PermissionRequiredMixin):
    """Those who deploy the portal and watch its queues."""

    permission = OPERATE
