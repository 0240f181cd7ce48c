"""How often one route may be used: by token, by officer, or by network. Never by address alone.

A hotel, an embassy's hall and a mobile network's thousands share an address, so what is counted by
network is counted high: it stops a program, and lets a crowd through. A request for help is never
counted, nor is looking at a page behind a link. While Redis is down nothing is counted here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from crises.enums import Choice
from micic_portal.refusing import refuse_too_often
from registrations.limits import take_turn
from registrations.visits import client_network

_MINUTE = 60
_HOUR = 60 * _MINUTE


@dataclass(frozen=True, slots=True)
class Rate:
    """So many times in a window of so many seconds, counted by what `key` says of a request."""

    method: str
    key: Callable[[HttpRequest, dict[str, Any]], str]
    limit: int
    seconds: int = _HOUR
    # Whether its form says that somebody needs help: such a one is taken, and not counted.
    spares_help: bool = False


def _token(request: HttpRequest, arguments: dict[str, Any]) -> str:
    return str(arguments["token"])


def _network(request: HttpRequest, arguments: dict[str, Any]) -> str:
    return client_network(request)


def _user(request: HttpRequest, arguments: dict[str, Any]) -> str:
    return str(request.user.pk)


# A person changes their mind a few times; a program that has got hold of a link tries for ever.
_LINK = Rate("POST", _token, 30)
# Some three thousand people behind one mobile network's address may register in an hour.
_CRISIS_FORM = Rate("POST", _network, 3000, spares_help=True)
# An officer on the telephone opens one record after the other; a program opens them all.
_READING = Rate("POST", _user, 300)

# By view, so that a route holds with and without its closing slash.
RATES: dict[str, Rate] = {
    # A form asks at each keystroke: two hundred people in a hall fill it in at once.
    "SearchPlacesView": Rate("GET", _network, 6000, 10 * _MINUTE),
    "StopCrisisView": _LINK,
    "ProveContactView": _LINK,
    "AnswerReminderView": _LINK,
    "AnswerListingView": _LINK,
    "StopMessagesView": _LINK,
    "AnswerInvitationView": _LINK,
    # A whole school joins through one link.
    "JoinGroupView": Rate("POST", _token, 600),
    "RegisterInCrisisView": _CRISIS_FORM,
    "ReportRelativeView": _CRISIS_FORM,
    "FindPersonView": Rate("POST", _user, 120),
    "ReadRecordView": _READING,
    "ReadPersonView": _READING,
    "ComparePeopleView": _READING,
}


class RateMiddleware:
    """Answers 429 where a route was used too often. Stands last, after who asks is known."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        name = getattr(getattr(view, "view_class", None), "__name__", "")
        rate = RATES.get(name)
        if rate is None or request.method != rate.method:
            return None
        if rate.spares_help and _asks_for_help(request):
            return None
        if take_turn(name, rate.key(request, kwargs), limit=rate.limit, seconds=rate.seconds):
            return None
        return refuse_too_often(request, seconds=rate.seconds)


def _asks_for_help(request: HttpRequest) -> bool:
    return request.POST.get("wellbeing") == Choice.NEED_HELP
