"""What every page behind a link in a message has in common.

Such a page signs nobody in, names nobody and keeps no cookie. A GET or HEAD changes nothing, for
mail scanners follow links.
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from redis.exceptions import RedisError

from notifications.links import delivery_id_from
from notifications.models import Delivery
from privacy.tokens import keyed_digest

logger = logging.getLogger(__name__)

# People change their minds a few times; a program that has got hold of a link tries for ever.
CHANGES_PER_HOUR = 30
_HOUR = 3600


# The link itself is the proof, and no cookie is asked for: blocked cookies must not lose a word.
@method_decorator(csrf_exempt, name="dispatch")
class LinkPageView(View):
    """A page whose token names a delivery of one of `purposes` (of any, when there are none)."""

    http_method_names = ["get", "head", "post", "options"]
    purposes: frozenset[str] = frozenset()
    delivery: Delivery | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.delivery = self._find(kwargs["token"])
        language = self._language()
        with translation.override(language):
            response = super().dispatch(request, *args, **kwargs)
        response["Content-Language"] = language
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def show(self, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        context |= {
            "address": self.address(),
            "languages": [
                (code, name, f"{self.request.path}?language={code}")
                for code, name in settings.LANGUAGES
            ],
        }
        return render(self.request, template, context, status=status)

    def gone(self) -> HttpResponse:
        """A link that we did not make, or what it was about is erased."""
        return self.show(
            "registrations/link_gone.html",
            {"was_ours": self.delivery is not None},
            410 if self.delivery else 404,
        )

    def address(self, path: str = "") -> str:
        """The page's own address, or another's, in the language chosen on this page."""
        chosen = self.request.GET.get("language", "")
        path = path or self.request.path
        known = chosen in dict(settings.LANGUAGES)
        return f"{path}?{urlencode({'language': chosen})}" if known else path

    def too_many(self) -> str:
        """Count a change through this link; return what to say when it is one too many, or ""."""
        if self.delivery is None or _may_change(self.delivery):
            return ""
        return _("Too many changes came through this link. Try again in an hour.")

    def _find(self, token: str) -> Delivery | None:
        delivery_id = delivery_id_from(token)
        if delivery_id is None:
            return None
        rows = Delivery.objects.filter(pk=delivery_id).select_related("message")
        if self.purposes:
            rows = rows.filter(message__purpose__in=self.purposes)
        return rows.first()

    def _language(self) -> str:
        """The one chosen here or before on this portal, else the one of the message."""
        known = dict(settings.LANGUAGES)
        chosen = self.request.GET.get("language") or self.request.COOKIES.get(
            settings.LANGUAGE_COOKIE_NAME, ""
        )
        for language in (chosen, self.delivery.language if self.delivery else ""):
            if language in known:
                return language
        return translation.get_language() or settings.LANGUAGE_CODE


def _may_change(delivery: Delivery) -> bool:
    """Without the cache, nobody is turned away."""
    window = int(timezone.now().timestamp()) // _HOUR
    digest = keyed_digest("link-limit", delivery.pk.bytes).hex()[:32]
    key = f"links:{digest}:{window}"
    try:
        cache.add(key, 0, timeout=_HOUR + 60)
        return int(cache.incr(key)) <= CHANGES_PER_HOUR
    except (RedisError, OSError, ValueError) as error:
        logger.warning("The counters of links cannot be read: %s", type(error).__name__)
        return True
