"""The page behind the link in a notice: where and when, the telephone, and three buttons.

It signs nobody in, names nobody and keeps no cookie. Mail scanners follow links, so a GET or HEAD
changes nothing.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from redis.exceptions import RedisError

from crises import actions
from crises.enums import Choice
from crises.links import AnswerLink, follow
from crises.texts import place_of, times_of
from privacy.tokens import keyed_digest

logger = logging.getLogger(__name__)

# A person changes their mind a few times; a program that has got hold of a link tries for ever.
ANSWERS_PER_HOUR = 30
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Button:
    """One of the three large buttons."""

    value: str
    kind: str
    title: str
    hint: str


# The link itself is the proof, and no cookie is asked for: blocked cookies must not lose an answer.
@method_decorator(csrf_exempt, name="dispatch")
class AnswerNoticeView(View):
    http_method_names = ["get", "head", "post", "options"]
    link: AnswerLink | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.link = follow(kwargs["token"])
        language = self._language()
        with translation.override(language):
            response = super().dispatch(request, *args, **kwargs)
        response["Content-Language"] = language
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        if self.link is None or self.link.has_expired:
            return self._gone()
        return self._page(self.link)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        if self.link is None or self.link.has_expired:
            return self._gone()
        if not _may_answer(self.link):
            return self._page(
                self.link,
                status=429,
                problem=_("Too many answers came through this link. Telephone us instead."),
            )
        try:
            actions.record_answer(
                token=token,
                choice=request.POST.get("choice", ""),
                note=request.POST.get("note", ""),
                whereabouts=request.POST.get("whereabouts", ""),
            )
        except actions.Refused as refusal:
            return self._page(self.link, status=422, problem=str(refusal))
        return HttpResponseRedirect(self._address())

    def _page(self, link: AnswerLink, *, status: int = 200, problem: str = "") -> HttpResponse:
        answer = link.current_answer()
        moment = link.notice.frozen_at or link.notice.written_at
        utc, local = times_of(link.notice.area, moment)
        return self._render(
            {
                "is_drill": link.crisis.is_drill,
                "place": place_of(link.notice.area),
                "moment": moment,
                "time_text": _("%(utc)s UTC (%(local)s there)") % {"utc": utc, "local": local},
                "buttons": buttons(),
                "problem": problem,
                "answered": answer.get_choice_display() if answer else "",
                "answered_choice": answer.choice if answer else "",
                "answered_at": f"{times_of(link.notice.area, answer.answered_at)[0]} UTC"
                if answer
                else "",
                "needs_help": answer is not None and answer.choice == Choice.NEED_HELP,
                "asked_before": answer is not None
                and answer.help_asked_at is not None
                and answer.choice != Choice.NEED_HELP,
                "has_note": answer is not None and bool(answer.note or answer.whereabouts),
            },
            status,
        )

    def _gone(self) -> HttpResponse:
        """A link that we did not make, or that has had its time."""
        return self._render(
            {"is_drill": False, "place": "", "has_expired": self.link is not None},
            410 if self.link else 404,
        )

    def _render(self, context: dict[str, Any], status: int) -> HttpResponse:
        post = self.link.crisis.post if self.link else None
        context |= {
            "address": self._address(),
            "languages": [
                (code, name, f"{self.request.path}?language={code}")
                for code, name in settings.LANGUAGES
            ],
            "post_name": post.name if post else "",
            "telephone": post.telephone_24h if post else "",
        }
        name = "crises/answer_notice.html" if context["place"] else "crises/answer_expired.html"
        return render(self.request, name, context, status=status)

    def _address(self) -> str:
        address = reverse("answer_notice", kwargs={"token": self.kwargs["token"]})
        chosen = self.request.GET.get("language")
        return f"{address}?language={chosen}" if chosen in dict(settings.LANGUAGES) else address

    def _language(self) -> str:
        """The one chosen here or before on this portal, else the one the notice was sent in."""
        known = dict(settings.LANGUAGES)
        chosen = self.request.GET.get("language") or self.request.COOKIES.get(
            settings.LANGUAGE_COOKIE_NAME, ""
        )
        if chosen in known:
            return chosen
        if self.link is not None and self.link.language in known:
            return self.link.language
        return translation.get_language() or settings.LANGUAGE_CODE


def buttons() -> list[Button]:
    return [
        Button(Choice.SAFE, "safe", _("I am safe"), _("I need nothing now")),
        Button(Choice.NEED_HELP, "help", _("I need help"), _("We will try to reach you")),
        Button(Choice.LEFT, "left", _("I have left"), _("I am no longer there")),
    ]


def _may_answer(link: AnswerLink) -> bool:
    """Count an answer through this link. Without the cache, nobody is turned away."""
    window = int(timezone.now().timestamp()) // _HOUR
    digest = keyed_digest("answer-limit", link.delivery_id.bytes).hex()[:32]
    key = f"answers:{digest}:{window}"
    try:
        cache.add(key, 0, timeout=_HOUR + 60)
        return int(cache.incr(key)) <= ANSWERS_PER_HOUR
    except (RedisError, OSError, ValueError) as error:
        logger.warning("The counters of answers cannot be read: %s", type(error).__name__)
        return True
