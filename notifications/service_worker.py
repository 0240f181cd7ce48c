"""The program that a browser keeps to show notices while no page of ours is open."""

from __future__ import annotations

from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.views import View


class ShowServiceWorkerView(View):
    """At the root, because it serves the pages below its own address. Asked for anew each time a
    browser looks for a newer one."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> HttpResponse:
        path = finders.find("js/service-worker.js")
        response = HttpResponse(Path(str(path)).read_bytes(), content_type="text/javascript")
        response["Cache-Control"] = "no-cache"
        return response
