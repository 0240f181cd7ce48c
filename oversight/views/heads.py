"""The heads of past days, for everybody to read and keep."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.generic import TemplateView, View

from audit.models import Head

_SHOWN = 60
_CACHED_SECONDS = 600


class ListHeadsView(TemplateView):
    template_name = "oversight/list_heads.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        newest = Head.objects.order_by("-day")[:_SHOWN]
        return super().get_context_data(heads=list(newest), **kwargs)


class DownloadHeadsView(View):
    """All of them as text, one line a day, oldest first: what verify_ledger --heads reads."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        lines = [f"{head.line}\n" for head in Head.objects.order_by("day")]
        response = HttpResponse("".join(lines), content_type="text/plain; charset=utf-8")
        patch_cache_control(response, public=True, max_age=_CACHED_SECONDS)
        return response
