"""The page behind the link in a notice: where and when, the telephone, and three buttons."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from crises import actions
from crises.enums import Choice
from crises.links import AnswerLink, follow, leads_to_erased
from crises.models import Crisis
from crises.public_pages import PublicPageView
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


class NoticeLinkView(PublicPageView):
    """For pages behind a link of a notice; one that leads nowhere says so, with the telephone."""

    link: AnswerLink | None = None

    def find(self, **kwargs: Any) -> None:
        self.link = follow(kwargs["token"])

    def crisis_of_page(self) -> Crisis | None:
        return self.link.crisis if self.link else None

    def language_of_message(self) -> str:
        return self.link.language if self.link else ""

    def gone(self) -> HttpResponse:
        """A link that we did not make, or that has had its time, or whose reader was erased."""
        is_erased = self.link is None and leads_to_erased(self.kwargs["token"])
        return self.show(
            "crises/answer_expired.html",
            {"has_expired": self.link is not None, "is_erased": is_erased},
            410 if self.link or is_erased else 404,
        )


class AnswerNoticeView(NoticeLinkView):
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        if self.link is None or self.link.has_expired:
            return self.gone()
        return self._page(self.link)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        if self.link is None or self.link.has_expired:
            return self.gone()
        if not _may_answer(self.link):
            return self._too_often(self.link, token)
        try:
            actions.record_answer(
                token=token,
                choice=request.POST.get("choice", ""),
                note=request.POST.get("note", ""),
                whereabouts=request.POST.get("whereabouts", ""),
            )
        except actions.Refused as refusal:
            return self._page(self.link, status=422, problem=str(refusal))
        return HttpResponseRedirect(self.address(reverse("answer_notice", args=[token])))

    def _too_often(self, link: AnswerLink, token: str) -> HttpResponse:
        """A request for help is never lost to a limit: it is taken, but without more words.

        Without words the same request again changes nothing, so that nobody fills a table with it.
        """
        problem = _("Too many answers came through this link. Telephone us instead.")
        if self.request.POST.get("choice") == Choice.NEED_HELP:
            actions.record_answer(token=token, choice=Choice.NEED_HELP)
            problem = _("We know that you need help. To tell us more, telephone us.")
        response = self._page(link, status=429, problem=problem)
        response["Retry-After"] = str(_HOUR)
        return response

    def _page(self, link: AnswerLink, *, status: int = 200, problem: str = "") -> HttpResponse:
        answer = link.current_answer()
        moment = link.notice.frozen_at or link.notice.written_at
        utc, local = times_of(link.notice.area, moment)
        return self.show(
            "crises/answer_notice.html",
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
                "has_ended_stays": answer is not None and bool(answer.left_stays),
                "asked_before": answer is not None
                and answer.help_asked_at is not None
                and answer.choice != Choice.NEED_HELP,
                "has_note": answer is not None and bool(answer.note or answer.whereabouts),
                "is_reported": link.is_unproved(),
                "stop_url": self.address(reverse("stop_crisis", args=[self.kwargs["token"]])),
            },
            status,
        )


class StopCrisisView(NoticeLinkView):
    """Stops the notices of one crisis for one person, and takes that back.

    A mail program may send the POST by itself (RFC 8058), so that one without a word stops.
    """

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        if self.link is None or self.link.has_expired:
            return self.gone()
        return self._page(self.link)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        if self.link is None or self.link.has_expired:
            return self.gone()
        if request.POST.get("erase"):
            actions.erase_reported(link=self.link)
            # Shown at once: the link led to what is no longer there.
            return self._page(self.link)
        change = actions.undo_stop if request.POST.get("undo") else actions.stop_for_person
        change(crisis=self.link.crisis, person_id=self.link.person_id)
        return HttpResponseRedirect(self.address(reverse("stop_crisis", args=[token])))

    def _page(self, link: AnswerLink) -> HttpResponse:
        return self.show(
            "crises/stop_crisis.html",
            {
                "is_drill": link.crisis.is_drill,
                "place": place_of(link.notice.area),
                "is_stopped": link.is_stopped(),
                "is_reported": link.is_unproved(),
                "is_erased": link.is_erased(),
                "answer_url": self.address(reverse("answer_notice", args=[self.kwargs["token"]])),
            },
        )


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
