"""Takes the calls of providers: receipts, and what people answer. None rests on a cookie."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from notifications.actions.receipts import take_receipts
from notifications.channels.calls import (
    BODY_LIMIT,
    Call,
    Forged,
    Taken,
    Unnamed,
    Unreadable,
    webhooks_of,
)
from notifications.ports import inbound_handler
from notifications.providers import NoProvider, Provider, provider_named

logger = logging.getLogger(__name__)


@method_decorator(csrf_exempt, name="dispatch")
class TakeCallView(View):
    """One address for each provider. Who calls, its signature says and nothing else.

    Not counted by a rate: a provider sends thousands from one address, and what it could not
    deliver here it sends again.
    """

    http_method_names = ["get", "head", "post"]  # HEAD: as GET, without its body (Mandrill)

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        webhooks = webhooks_of(kwargs["channel"])
        if webhooks is None:
            raise Http404
        self.webhooks = webhooks
        try:
            self.provider = provider_named(f"{kwargs['channel']}.{kwargs['provider']}")
        except NoProvider:
            raise Http404 from None

    def get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """A provider's question whether we are there, before it calls us."""
        answer_challenge = getattr(self.webhooks, "answer_challenge", None)
        if answer_challenge is None:
            raise Http404
        try:
            answer = answer_challenge(self.provider, _call_of(request, b""))
        except Forged:
            return _refusal(403)
        except Unreadable:
            return _refusal(400)
        return HttpResponse(answer, content_type="text/plain")

    def post(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        try:
            body = _body_of(request, self._limit(request))
            if body is None:
                return _refusal(413)
            taken: Taken = self.webhooks.read_call(self.provider, _call_of(request, body))
        except Unnamed:
            return _refusal(401, {"WWW-Authenticate": 'Basic realm="channels"'})
        except Forged:
            logger.warning("%s: a call was not signed as it should be", self.provider.key)
            return _refusal(403)
        except Unreadable:
            logger.warning("%s: a call could not be read", self.provider.key)
            return _refusal(400)
        _take(self.provider, taken)
        return HttpResponse(taken.answer, content_type=taken.content_type)

    def _limit(self, request: HttpRequest) -> int:
        """How many bytes this call may have. Raises Forged."""
        body_limit = getattr(self.webhooks, "body_limit", None)
        return body_limit(self.provider, _call_of(request, b"")) if body_limit else BODY_LIMIT


def _take(provider: Provider, taken: Taken) -> None:
    handler = inbound_handler()
    # Answers first: should a receipt fail, the provider sends all again, and each counts once.
    for reply in taken.replies:
        if handler is not None:
            handler.reply(reply)
    if taken.receipts:
        take_receipts(provider=provider, receipts=taken.receipts)


def _body_of(request: HttpRequest, limit: int) -> bytes | None:
    """The body, or None for one that is too long: what is beyond the limit is not read."""
    try:
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        announced = limit + 1
    if announced > limit:
        return None
    body = request.read(limit + 1)
    return body if len(body) <= limit else None


def _call_of(request: HttpRequest, body: bytes) -> Call:
    return Call(
        method=request.method or "",
        url=f"{settings.PORTAL_URL}{request.get_full_path()}",
        headers=request.headers,
        query=request.GET.dict(),
        body=body,
        received_at=timezone.now(),
    )


def _refusal(status: int, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Without a word: who is not our provider learns nothing."""
    return HttpResponse(status=status, headers=headers, content_type="text/plain")
