"""Who may open a page: not signed in goes to the sign-in page, a wrong role gets a 403."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.mixins import AccessMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers

from accounts.enums import Role
from accounts.models import User


def signed_in_user(request: HttpRequest) -> User:
    """The request's user where one is signed in; raises PermissionDenied otherwise."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


class RoleRequiredMixin(AccessMixin):
    """Base of the mixins below: `roles` names who may open the page."""

    roles: ClassVar[frozenset[Role]] = frozenset()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if signed_in_user(request).role not in self.roles:
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        if not response.has_header("Cache-Control"):
            # On a shared desk nobody reads these pages with the back button after signing out.
            add_never_cache_headers(response)
        return response


class SignedInRequiredMixin(RoleRequiredMixin):
    """Any user of the ministry."""

    roles = frozenset(Role)


class OfficerRequiredMixin(RoleRequiredMixin):
    """Consular officers, and the coordinator in the capital who acts for every post."""

    roles = frozenset({Role.OFFICER, Role.COORDINATOR})


class CoordinatorRequiredMixin(RoleRequiredMixin):
    """What no post may do alone."""

    roles = frozenset({Role.COORDINATOR})


class LedgerReaderRequiredMixin(RoleRequiredMixin):
    """Those who see the ledger and not the people."""

    roles = frozenset({Role.DATA_PROTECTION_OFFICER, Role.AUDITOR})


class OperatorRequiredMixin(RoleRequiredMixin):
    """Those who deploy the portal and watch its queues."""

    roles = frozenset({Role.OPERATOR})
