"""Problem details as programs read them: whole bodies, so that nothing changes unnoticed."""

from __future__ import annotations

import logging

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.test import APIRequestFactory

from partners.problems import problem_response

PATH = "/api/v1/crises/"


def answer(error: Exception):
    return problem_response(error, {"request": APIRequestFactory().get(PATH)})


GOLDEN = [
    (
        exceptions.ValidationError({"country": ["This is not an ISO 3166-1 alpha-2 code."]}),
        {
            "type": "about:blank",
            "title": "Bad Request",
            "status": 400,
            "detail": "Invalid input.",
            "instance": PATH,
            "code": "invalid",
            "errors": {"country": ["This is not an ISO 3166-1 alpha-2 code."]},
        },
    ),
    (
        exceptions.NotAuthenticated(),
        {
            "type": "about:blank",
            "title": "Unauthorized",
            "status": 401,
            "detail": "Authentication credentials were not provided.",
            "instance": PATH,
            "code": "not_authenticated",
        },
    ),
    (
        PermissionDenied(),
        {
            "type": "about:blank",
            "title": "Forbidden",
            "status": 403,
            "detail": "You do not have permission to perform this action.",
            "instance": PATH,
            "code": "permission_denied",
        },
    ),
    (
        Http404(),
        {
            "type": "about:blank",
            "title": "Not Found",
            "status": 404,
            "detail": "Not found.",
            "instance": PATH,
            "code": "not_found",
        },
    ),
    (
        exceptions.MethodNotAllowed("POST"),
        {
            "type": "about:blank",
            "title": "Method Not Allowed",
            "status": 405,
            "detail": 'Method "POST" not allowed.',
            "instance": PATH,
            "code": "method_not_allowed",
        },
    ),
    (
        exceptions.NotAcceptable(),
        {
            "type": "about:blank",
            "title": "Not Acceptable",
            "status": 406,
            "detail": "Could not satisfy the request Accept header.",
            "instance": PATH,
            "code": "not_acceptable",
        },
    ),
    (
        exceptions.Throttled(wait=11.2),
        {
            "type": "about:blank",
            "title": "Too Many Requests",
            "status": 429,
            "detail": "Request was throttled. Expected available in 12 seconds.",
            "instance": PATH,
            "code": "throttled",
        },
    ),
    (
        ZeroDivisionError("a secret of ours"),
        {
            "type": "about:blank",
            "title": "Internal Server Error",
            "status": 500,
            "detail": "A server error occurred.",
            "instance": PATH,
            "code": "error",
        },
    ),
]


@pytest.mark.parametrize(("error", "body"), GOLDEN)
def test_each_error_is_a_problem(error, body):
    response = answer(error)
    assert response.data == body
    assert response.status_code == body["status"]
    assert response.content_type == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"


def test_a_throttled_program_is_told_how_long_to_wait():
    assert answer(exceptions.Throttled(wait=11.2)).headers["Retry-After"] == "12"


def test_a_missing_scope_is_named_in_the_challenge():
    error = exceptions.PermissionDenied("no", code="insufficient_scope")
    challenge = answer(error).headers["WWW-Authenticate"]
    assert challenge == 'Bearer error="insufficient_scope", scope="crises:read"'


def test_a_fault_of_ours_is_logged_and_not_told(caplog):
    with caplog.at_level(logging.ERROR):
        response = answer(ZeroDivisionError("a secret of ours"))
    assert "a secret of ours" not in str(response.data)
    assert caplog.records
