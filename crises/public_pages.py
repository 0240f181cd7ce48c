"""What every page of a crisis that is for everybody has in common.

Such a page signs nobody in, names nobody and keeps no cookie. A GET or HEAD changes nothing, for
mail scanners follow links. It says on its face whom to telephone, day and night.
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
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from crises.models import Crisis
from crises.telephones import posts_of


# Nothing here rests on a cookie, and none is asked for: blocked cookies must not lose a word.
@method_decorator(csrf_exempt, name="dispatch")
class PublicPageView(View):
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

    def crisis_of_page(self) -> Crisis | None:
        """The crisis whose numbers stand on the page."""
        return None

    def language_of_message(self) -> str:
        """The language in which the person was written to, or ""."""
        return ""

    def show(self, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        crisis = self.crisis_of_page()
        context |= {
            "address": self.address(),
            "languages": [
                (code, name, f"{self.request.path}?language={code}")
                for code, name in settings.LANGUAGES
            ],
            "telephones": telephones_of(crisis) if crisis else [],
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


def telephones_of(crisis: Crisis) -> list[dict[str, str]]:
    """{label, number} of each post, as components/telephone.html wants them."""
    return [
        {
            "label": _("%(post_name)s, day and night") % {"post_name": post.name},
            "number": post.telephone_24h,
        }
        for post in posts_of(crisis)
    ]
