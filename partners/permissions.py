"""What a token's agency may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.idp.oidc.models import Token
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from partners.enums import READ_CRISES
from partners.models import Agency

if TYPE_CHECKING:  # The framework reads this module while it builds that one.
    from rest_framework.views import APIView


class ReadsCrises(BasePermission):
    """An active agency whose token was granted `crises:read`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.user, Agency) or not isinstance(request.auth, Token):
            raise NotAuthenticated(_("Send an access token in the Authorization header."))
        if not request.user.is_active:
            raise PermissionDenied(_("This agency's access has ended."), code="inactive_agency")
        if READ_CRISES not in request.auth.get_scopes():
            raise PermissionDenied(
                _("The access token was not granted the scope crises:read."),
                code="insufficient_scope",
            )
        return True
