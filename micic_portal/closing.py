"""Closes the portal while its database was restored and the journal not replayed."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from accounts.models import Post
from audit.journal.standing import may_serve
from partners.problems import MEDIA_TYPE, problem

RETRY_SECONDS = 60
_HEALTH = "/health/"
_API = "/api/"


class ClosedMiddleware:
    """Answers 503 to everything but the question of health. Looks a few times a minute."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == _HEALTH or may_serve():
            return self._get_response(request)
        return _closed(request)


def _closed(request: HttpRequest) -> HttpResponse:
    response: HttpResponse
    if request.path.startswith(_API):
        response = JsonResponse(
            problem(
                status=503,
                detail=_("The service is being brought back. Nothing can be read yet."),
                instance=request.path,
                code="closed",
            ),
            status=503,
            content_type=MEDIA_TYPE,
        )
    else:
        response = TemplateResponse(request, "closed.html", {"posts": _posts()}, status=503)
        response.render()
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    return response


def _posts() -> list[tuple[str, str]]:
    """City and telephone of each post; none where even they cannot be read."""
    try:
        return _read_posts()
    except DatabaseError:
        return []


@lru_cache(maxsize=1)
def _read_posts() -> list[tuple[str, str]]:
    return list(Post.objects.order_by("city").values_list("city", "telephone_24h"))
