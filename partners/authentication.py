"""Whose program calls: the agency behind a bearer token."""

from __future__ import annotations

from allauth.idp.oidc.models import Token
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from partners.models import Agency


class AgencyTokenAuthentication(BaseAuthentication):
    """Reads the Authorization header alone: a token in an address ends up in logs.

    An inactive agency is still named here, so that its refusal stands in the ledger under its
    name; the permission refuses it.
    """

    def authenticate(self, request: Request) -> tuple[Agency, Token] | None:
        scheme, _space, value = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = self._token(value.strip())
        agency = None
        if token is not None:
            agency = Agency.objects.filter(client_id=token.client_id).first()
        if token is None or agency is None:
            raise AuthenticationFailed(
                _("The access token is unknown or has expired. Ask for a new one.")
            )
        return agency, token

    def authenticate_header(self, request: Request) -> str:
        challenge = 'Bearer realm="partner API"'
        if get_authorization_header(request):
            challenge += ', error="invalid_token"'
        return challenge

    def _token(self, value: bytes) -> Token | None:
        try:
            return Token.objects.lookup(Token.Type.ACCESS_TOKEN, value.decode("ascii"))
        except UnicodeDecodeError:
            return None
