"""The pages that say "too large" and "too often": what to do now, and in a crisis whom to call."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import bad_request

from crises.answer_views import NoticeLinkView
from crises.links import AnswerLink, follow
from crises.models import Crisis
from crises.proof_views import ProveContactView
from crises.proofs import ProofLink, follow_proof
from crises.public_pages import telephones_of
from crises.registering_views import CrisisPageView

_TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def refuse_bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 400, but for what was merely too large: a page that says what to do (413)."""
    if not isinstance(exception, _TOO_MUCH):
        return bad_request(request, exception)
    return _page(request, "too_large.html", 413)


def refuse_too_often(request: HttpRequest, *, seconds: int) -> HttpResponse:
    """429 with the seconds until the next try."""
    response = _page(request, "too_often.html", 429)
    response["Retry-After"] = str(seconds)
    return response


def crisis_of(request: HttpRequest) -> Crisis | None:
    """The crisis that the asked page is about, where it is one for everybody."""
    match = request.resolver_match
    if match is None:
        return None
    view = getattr(match.func, "view_class", object)
    if issubclass(view, CrisisPageView):
        return Crisis.objects.published_to_agencies().filter(pk=match.kwargs["pk"]).first()
    link: AnswerLink | ProofLink | None = None
    if issubclass(view, NoticeLinkView):
        link = follow(match.kwargs["token"])
    elif issubclass(view, ProveContactView):
        link = follow_proof(match.kwargs["token"])
    return link.crisis if link else None


def _page(request: HttpRequest, template: str, status: int) -> HttpResponse:
    crisis = crisis_of(request)
    context = {"telephones": telephones_of(crisis) if crisis else []}
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store"
    return response
