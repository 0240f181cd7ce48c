"""What mail services tell us: what became of a mail, and what somebody answered.

anymail knows each service's signature and its words; the call is handed to it as the request that
it was. An SMTP server tells us nothing. Replies come to the same address with `?replies=1`.
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import io
import json
from dataclasses import replace
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from anymail.inbound import AnymailInboundMessage
from anymail.signals import AnymailInboundEvent, AnymailTrackingEvent
from anymail.webhooks.base import AnymailCoreWebhookView
from anymail.webhooks.brevo import BrevoInboundWebhookView
from django.core.handlers.wsgi import WSGIRequest

from notifications.channels.calls import Call, Forged, Receipt, Taken, Unnamed, Unreadable
from notifications.channels.mail.forms import without_files
from notifications.channels.mail.replies import (
    BELOW,
    answered_delivery,
    is_automatic,
    own_words,
)
from notifications.channels.mail.services.catalogue import BASIC, service_of
from notifications.channels.mail.services.opening import options_for_anymail
from notifications.channels.mail.services.receipts import receipt_of
from notifications.enums import Channel
from notifications.ports import Inbound
from notifications.providers import Provider

# A thousand events in one call (Mandrill). Most services post a reply as the whole mail, files in
# base64, and take in 25 MB at most.
_LONGEST_RECEIPTS = 2 * 1024 * 1024  # bytes
_LONGEST_REPLY = 36 * 1024 * 1024  # bytes


def body_limit(provider: Provider, call: Call) -> int:
    """In bytes. Raises Forged, or Unnamed, for whom the head of the call already shows to be
    nobody of ours: a large body is read for those alone who may have sent it."""
    is_reply = "replies" in call.query
    _must_have_secret(provider, is_reply=is_reply)
    if not provider.option(BASIC):
        return _LONGEST_REPLY if is_reply else _LONGEST_RECEIPTS
    given = call.headers.get("Authorization", "")
    if not given:
        raise Unnamed
    wanted = base64.b64encode(provider.option(BASIC).encode())
    if not hmac.compare_digest(given.partition(" ")[2].strip().encode(), wanted):
        raise Forged
    return _LONGEST_REPLY if is_reply else _LONGEST_RECEIPTS


def read_call(provider: Provider, call: Call) -> Taken:
    """Raises Forged or Unreadable: never anymail's own exceptions, which quote people."""
    is_reply = "replies" in call.query
    _must_have_secret(provider, is_reply=is_reply)
    try:
        view = _view(provider, call, is_reply=is_reply)
        request = _request_of(call)
        view.run_validators(request)
    except Exception:
        # Whatever a validator cannot even read is not signed.
        raise Forged from None
    try:
        return _taken(provider, view.parse_events(request))
    except Exception:
        return _taken_one_by_one(provider, view, call)


def _taken_one_by_one(provider: Provider, view: AnymailCoreWebhookView, call: Call) -> Taken:
    """Where one entry of many cannot be read, it holds no other up, and the service need not send
    them all for ever. Raises Unreadable for what holds not a single one."""
    receipts: list[Receipt] = []
    try:
        entries = json.loads(call.body)
    except (ValueError, RecursionError):
        entries = None
    for entry in entries if isinstance(entries, list) else []:
        alone = replace(call, body=json.dumps([entry]).encode())
        with contextlib.suppress(Exception):
            receipts += _taken(provider, view.parse_events(_request_of(alone))).receipts
    if not receipts:
        raise Unreadable from None
    return Taken(receipts=receipts)


def answer_challenge(provider: Provider, call: Call) -> bytes:
    """Some ask, when they are given the address, whether anybody is there. Raises Forged."""
    if service_of(provider) is None:
        raise Forged
    return b""


def _must_have_secret(provider: Provider, *, is_reply: bool) -> None:
    """Without one anymail would take calls from anybody. Raises Forged."""
    service = service_of(provider)
    option = "" if service is None else service.replies if is_reply else service.receipts
    if not option or not (provider.option(option) or provider.option(BASIC)):
        raise Forged


def _view(provider: Provider, call: Call, *, is_reply: bool) -> AnymailCoreWebhookView:
    options: dict[str, Any] = options_for_anymail(provider)
    if provider.option(BASIC):
        options[BASIC] = provider.option(BASIC)
    backend = provider.option("backend")
    if backend == "mandrill":
        options.setdefault("webhook_url", call.url)  # It signs the address too.
    if backend == "brevo" and is_reply:
        return _RepliesWithoutFiles(**options)
    ending = "InboundWebhookView" if is_reply else "TrackingWebhookView"
    module = import_module(f"anymail.webhooks.{backend}")
    if backend == "mandrill":
        ending = "TrackingWebhookView"  # One for both.
    view = next(found for name, found in vars(module).items() if name.endswith(ending))
    return view(**options)


class _RepliesWithoutFiles(BrevoInboundWebhookView):
    def _fetch_attachment(self, attachment: object) -> AnymailInboundMessage:
        """Ask for nothing: a reply's files are not taken."""
        return AnymailInboundMessage.construct_attachment("application/octet-stream", b"")


def _request_of(call: Call) -> WSGIRequest:
    """The call as the request that it was."""
    address = urlsplit(call.url)
    environ: dict[str, Any] = {
        f"HTTP_{name.upper().replace('-', '_')}": value for name, value in call.headers.items()
    }
    request = WSGIRequest(
        {
            **environ,
            "REQUEST_METHOD": call.method,
            "PATH_INFO": address.path,
            "QUERY_STRING": address.query,
            "HTTP_HOST": address.netloc,
            "SERVER_NAME": address.hostname or "localhost",
            "SERVER_PORT": str(address.port or 443),
            "wsgi.url_scheme": address.scheme,
            "CONTENT_TYPE": environ.get("HTTP_CONTENT_TYPE", ""),
            "CONTENT_LENGTH": str(len(call.body)),
            "wsgi.input": io.BytesIO(call.body),
        }
    )
    return without_files(request, call.body)


def _taken(provider: Provider, events: list[AnymailTrackingEvent | AnymailInboundEvent]) -> Taken:
    receipts, replies = [], []
    for event in filter(None, events):
        if isinstance(event, AnymailInboundEvent):
            reply = _reply_of(provider, event)
            if reply is not None:
                replies.append(reply)
        else:
            receipt = receipt_of(provider.option("backend"), event)
            if receipt is not None:
                receipts.append(receipt)
    return Taken(receipts=receipts, replies=replies)


def _reply_of(provider: Provider, event: AnymailInboundEvent) -> Inbound | None:
    """None for what a machine wrote, and where nobody can be seen to have written."""
    message: AnymailInboundMessage = event.message
    senders = message.get_address_header("From")
    if is_automatic(message) or len(senders) != 1:
        return None
    return Inbound(
        channel=Channel.MAIL,
        sender=senders[0].addr_spec,
        text=_words_of(message),
        provider=provider.key,
        provider_reference=str(event.event_id or message.get("Message-ID") or "")[:100],
        in_reply_to=answered_delivery(message),
    )


def _words_of(message: AnymailInboundMessage) -> str:
    """A service's own cutting is good and not perfect: it leaves what it does not know, and drops
    what was written below the quotation."""
    whole = own_words(message.text or "")
    return whole if BELOW in whole else own_words(message.stripped_text or "") or whole
