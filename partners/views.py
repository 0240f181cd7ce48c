"""The token endpoint (OAuth2 client credentials)."""

from __future__ import annotations

from allauth.core.internal import ratelimit
from allauth.core.internal.httpkit import extract_basic_auth
from allauth.idp.oidc.views import TokenView
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from partners.actions import forget_expired_tokens, note_token
from partners.models import Agency


def _client_id(request: HttpRequest) -> str:
    basic, _secret = extract_basic_auth({"Authorization": request.headers.get("Authorization", "")})
    return basic or request.POST.get("client_id", "")


@method_decorator(csrf_exempt, name="dispatch")
@method_decorator(sensitive_post_parameters("client_secret"), name="dispatch")
class IssueTokenView(TokenView):
    """Errors here follow RFC 6749, section 5.2, as every OAuth2 library expects."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        client_id = _client_id(request)
        if "\x00" in client_id:  # PostgreSQL has no such text, and nobody such a name.
            return _refusal()
        if not ratelimit.consume(
            request,
            app="partners",
            action="token",
            key=client_id,
            config={"token": settings.API_TOKEN_RATE_LIMIT},
        ):
            return JsonResponse({"error": "slow_down"}, status=429, headers={"Retry-After": "60"})
        agency = Agency.objects.select_related("client").filter(client_id=client_id).first()
        if agency is None:
            return _refusal()
        response = super().post(request) if agency.is_active else _refusal()
        note_token(agency=agency, status=response.status_code)
        if response.status_code == 200:
            forget_expired_tokens(agency=agency)
        return response


def _refusal() -> HttpResponse:
    return JsonResponse(
        {"error": "invalid_client"},
        status=401,
        headers={"WWW-Authenticate": 'Basic realm="partner API"', "Cache-Control": "no-store"},
    )
