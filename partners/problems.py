"""Errors of the API as problem details (RFC 9457)."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from partners.enums import READ_CRISES

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


def problem(*, status: int, detail: str, instance: str, code: str) -> dict[str, Any]:
    """The members of a problem. `code` is an extension: the reason, for programs."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": instance,
        "code": code,
    }


def _as_api_exception(error: Exception) -> exceptions.APIException:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    logger.error("the partner API failed", exc_info=error)
    return exceptions.APIException()


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    elif error.get_codes() == "insufficient_scope":
        headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{READ_CRISES}"'
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(wait)
    return headers


def problem_response(error: Exception, context: dict[str, Any]) -> Response:
    """REST framework's exception handler."""
    known = _as_api_exception(error)
    is_about_fields = isinstance(known.detail, dict)
    body = problem(
        status=known.status_code,
        detail=str(known.default_detail if is_about_fields else known.detail),
        instance=context["request"].path,
        code=known.default_code if is_about_fields else str(known.get_codes()),
    )
    if is_about_fields:
        body["errors"] = known.detail
    return Response(
        body, status=known.status_code, headers=_headers(known), content_type=MEDIA_TYPE
    )
