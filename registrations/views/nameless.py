"""What the pages for everybody have in common: those behind links, and those of an open crisis.

Such a page signs nobody in, names nobody and keeps no cookie. A GET or HEAD changes nothing, for
mail scanners follow links.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt


# Nothing here rests on a cookie, and none is asked for: blocked cookies must not lose a word.
@method_decorator(csrf_exempt, name="dispatch")
class NamelessPageView(View):
    http_method_names = ["get", "head", "post", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.find(**kwargs)
        language = self._language()
        with translation.override(language):
            response = super().dispatch(request, *args, **kwargs)
        response["Content-Language"] = language
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def find(self, **kwargs: Any) -> None:
        """Look up what the page is about, before its language is chosen."""

    def language_of_message(self) -> str:
        """The language in which the person was written to, or ""."""
        return ""

    def show(self, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        """Render a template that extends link_base.html."""
        context |= {
            "address": self.address(),
            "languages": [
                (code, name, f"{self.request.path}?language={code}")
                for code, name in settings.LANGUAGES
            ],
        }
        return render(self.request, template, context, status=status)

    def address(self, path: str = "") -> str:
        """The page's own address, or another's, in the language chosen on this page."""
        chosen = self.request.GET.get("language")
        path = path or self.request.path
        known = chosen in dict(settings.LANGUAGES)
        return f"{path}?{urlencode({'language': chosen})}" if known else path

    def _language(self) -> str:
        """The one chosen here or before on this portal, else the one of the message."""
        known = dict(settings.LANGUAGES)
        chosen = self.request.GET.get("language") or self.request.COOKIES.get(
            settings.LANGUAGE_COOKIE_NAME, ""
        )
        for language in (chosen, self.language_of_message()):
            if language in known:
                return language
        return translation.get_language() or settings.LANGUAGE_CODE
