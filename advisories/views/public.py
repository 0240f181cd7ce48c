"""The public pages: no session, no cookie needed, the same bytes for whoever reads a language."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import (
    get_conditional_response,
    patch_cache_control,
    patch_vary_headers,
    set_response_etag,
)
from django.views.generic import TemplateView

from advisories.enums import Level
from advisories.models import Advice
from advisories.reading import page_context, page_language
from geography.countries import country_choices, country_name, is_country
from geography.folding import fold

# How long a copy may be shown without asking again, and how long while the portal is down.
FRESH_SECONDS = 300
STALE_SECONDS = 7 * 24 * 3600
# How long a change is shown as new on the list.
NEW_DAYS = 14
MOST_OTHERS = 20


class PublicPageView(TemplateView):
    """A page that depends on its address and the reader's language alone.

    `?language=` chooses the language by a link: the form in the other pages' masthead carries a
    token, and with it a cookie, which would make every copy a visitor's own.
    """

    http_method_names = ["get", "head", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        chosen = request.GET.get("language", "")
        if chosen in dict(settings.LANGUAGES):
            with translation.override(chosen):
                response = self._rendered(request, *args, **kwargs)
            _remember_language(response, chosen)
        else:
            response = self._rendered(request, *args, **kwargs)
            patch_cache_control(
                response, public=True, max_age=FRESH_SECONDS, stale_if_error=STALE_SECONDS
            )
            # Cookie: the other pages keep the chosen language there.
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        if response.status_code != HTTPStatus.OK:
            return response
        set_response_etag(response)
        answer = get_conditional_response(request, etag=response["ETag"], response=response)
        return answer or response

    def _rendered(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: Any = super().dispatch(request, *args, **kwargs)
        return response.render() if hasattr(response, "render") else response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kept = {name: value for name, value in self.request.GET.items() if name == "q"}
        links = [
            {
                "language": code,
                "name": name,
                "url": f"{self.request.path}?{urlencode(kept | {'language': code})}",
                "is_current": code == page_language(),
            }
            for code, name in settings.LANGUAGES
        ]
        return super().get_context_data(language_links=links, **kwargs)


def _remember_language(response: HttpResponse, language: str) -> None:
    """The pages that the reader goes on to speak the same language."""
    response.headers["Content-Language"] = language
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        samesite="Lax",
        secure=settings.LANGUAGE_COOKIE_SECURE,
    )
    patch_cache_control(response, private=True, max_age=FRESH_SECONDS)


@dataclass(frozen=True, slots=True)
class _Listed:
    """A country with a page, on the list."""

    code: str
    name: str
    level: Level
    published_at: dt.datetime
    is_new: bool


class ListAdviceView(PublicPageView):
    """All countries with a page, those that ask for most care first."""

    template_name = "advisories/list_advice.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        typed = self.request.GET.get("q", "").strip()[:100]
        wanted = fold(typed)
        listed = [row for row in _listed() if _is_found(row.code, wanted)]
        others = _without_page(wanted) if wanted else []
        return super().get_context_data(
            typed=typed,
            groups=[
                {"level": level, "countries": [row for row in listed if row.level == level]}
                for level in sorted(Level, reverse=True)
                if any(row.level == level for row in listed)
            ],
            others=others,
            is_empty=not listed and not others,
            **kwargs,
        )


def _listed() -> list[_Listed]:
    new_since = timezone.now() - dt.timedelta(days=NEW_DAYS)
    rows = Advice.objects.published().values_list("country", "level", "published_at")
    listed = [
        _Listed(code, country_name(code), Level(level), published_at, published_at >= new_since)
        for code, level, published_at in rows
        if published_at is not None
    ]
    return sorted(listed, key=lambda row: fold(row.name))


def _is_found(code: str, wanted: str) -> bool:
    """Whether the folded words stand in the country's name, in the reader's language or ours."""
    return any(wanted in fold(country_name(code, language)) for language in (None, "en"))


def _without_page(wanted: str) -> list[dict[str, str]]:
    """Countries that are searched for and have no page: the post's number stands there still."""
    written = set(Advice.objects.published().values_list("country", flat=True))
    return [
        {"code": code, "name": name}
        for code, name in country_choices()
        if code not in written and _is_found(code, wanted)
    ][:MOST_OTHERS]


class ReadAdviceView(PublicPageView):
    """A country's page as it stands, or, where none is written, the post and the checklist."""

    template_name = "advisories/read_advice.html"

    def get_advice(self) -> Advice | None:
        return Advice.objects.published().for_country(self.kwargs["country"]).with_texts().first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        country: str = kwargs["country"]
        if not is_country(country):
            raise Http404
        advice = self.get_advice()
        versions = (
            Advice.objects.public()
            .for_country(country)
            .order_by("-version")
            .values_list("version", "state", "published_at", named=True)
        )
        return super().get_context_data(**kwargs) | {
            **page_context(advice, country),
            "register_url": f"{reverse('enter_name')}?{urlencode({'country': country})}",
            "versions": list(versions),
        }


class ReadAdviceVersionView(ReadAdviceView):
    """What stood there at some time, marked as superseded where something newer does."""

    def get_advice(self) -> Advice:
        return get_object_or_404(
            Advice.objects.public().with_texts(),
            country=self.kwargs["country"],
            version=self.kwargs["version"],
        )
