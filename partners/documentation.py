"""The API's description for programs (OpenAPI 3) and its page for people."""

from __future__ import annotations

from typing import Any

from django.urls import reverse_lazy
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from partners.enums import READ_CRISES
from partners.problems import MEDIA_TYPE, problem
from partners.serializers import ProblemSerializer

_CASES = {
    400: ("A parameter is wrong.", "invalid", "Invalid input."),
    401: (
        "No access token, or one that is unknown or has expired.",
        "authentication_failed",
        "The access token is unknown or has expired. Ask for a new one.",
    ),
    403: (
        "The agency's access has ended, or the token lacks the scope.",
        "inactive_agency",
        "This agency's access has ended.",
    ),
    404: ("Nothing there.", "not_found", "No crisis that you may read has this identifier."),
    405: ("The API is for reading.", "method_not_allowed", 'Method "POST" not allowed.'),
    406: (
        "The API speaks JSON.",
        "not_acceptable",
        "Could not satisfy the request Accept header.",
    ),
    429: (
        "Too many calls: wait as long as Retry-After says, in seconds.",
        "throttled",
        "Request was throttled. Expected available in 12 seconds.",
    ),
    500: ("Our fault.", "error", "A server error occurred."),
}


def _response(status: int) -> OpenApiResponse:
    description, code, detail = _CASES[status]
    example = problem(status=status, detail=detail, instance="/api/v1/crises/", code=code)
    return OpenApiResponse(
        ProblemSerializer,
        description=description,
        examples=[OpenApiExample(code, value=example, response_only=True)],
    )


PROBLEMS = {(status, MEDIA_TYPE): _response(status) for status in _CASES}


class AgencyTokenScheme(OpenApiAuthenticationExtension):
    """OAuth2 client credentials, for the description."""

    target_class = "partners.authentication.AgencyTokenAuthentication"
    name = "clientCredentials"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "oauth2",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": str(reverse_lazy("issue_token")),
                    "scopes": {READ_CRISES: "Read the crises"},
                }
            },
        }

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, list[str]]:
        return {self.name: [READ_CRISES]}


class ShowSchemaView(SpectacularAPIView):
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()


class ShowApiDocsView(SpectacularSwaggerSplitView):
    """The page keeps the strict Content-Security-Policy: its script comes from an address."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    url_name = "show_schema"
    template_name = "partners/show_api_docs.html"
