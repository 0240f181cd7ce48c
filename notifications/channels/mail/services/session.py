"""One connection to a mail service, used for many mails: one recipient in each request."""

from __future__ import annotations

import json

from anymail.backends.base import AnymailBaseBackend
from anymail.backends.base_requests import AnymailRequestsBackend
from anymail.message import AnymailMessage
from django.core.exceptions import ImproperlyConfigured

from notifications.channels.mail.addresses import sender_of
from notifications.channels.mail.services.catalogue import Service, service_of
from notifications.channels.mail.services.line import Line
from notifications.channels.mail.services.opening import open_backend
from notifications.channels.mail.services.outcomes import failure_of, outcome_of
from notifications.channels.ports import Letter, Outcome, Verdict
from notifications.providers import Provider

# Under this name a service keeps our delivery's id, and says it again in what it tells us.
DELIVERY_ID = "delivery_id"
NOT_SET = Outcome(Verdict.RETRY, "mail_not_set")


class ServiceSession:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._service = service_of(provider) or Service(needs=())
        self._sender = sender_of(provider)
        self._backend: AnymailBaseBackend | None = None
        self._line: Line | None = None

    def deliver(self, letter: Letter) -> Outcome:
        """Hand over one mail. Never raises for what a service, a network or anymail does."""
        if not self._sender.address:
            return Outcome(Verdict.RETRY, "sender_not_set")
        try:
            backend = self._opened()
        except (ImproperlyConfigured, ImportError, ValueError):
            return NOT_SET
        except Exception:
            return Outcome(Verdict.RETRY, "channel_error")
        if self._line is not None:
            self._line.rest()
        message = self._message(letter)
        try:
            if isinstance(backend, AnymailRequestsBackend):
                backend.session.headers["Idempotency-Key"] = str(letter.delivery_id)
            backend.send_messages([message])
            return outcome_of(message.anymail_status, letter.address)
        except Exception as error:
            # Without a line of ours nobody knows how far it came.
            left = self._line is None or self._line.may_have_left
            return failure_of(error, letter.address, may_have_left=left)

    def _opened(self) -> AnymailBaseBackend:
        if self._backend is None:
            backend = open_backend(self._provider)
            backend.open()
            if isinstance(backend, AnymailRequestsBackend):
                self._line = Line()
                backend.session.mount("https://", self._line)
                backend.session.mount("http://", self._line)
                backend.session.max_redirects = 0  # Our key is for the service alone.
            self._backend = backend
        return self._backend

    def _message(self, letter: Letter) -> AnymailMessage:
        parts, key = json.loads(letter.payload), str(letter.delivery_id)
        headers = parts["headers"] if self._service.takes_headers else {}
        message = AnymailMessage(
            subject=parts["subject"],
            body=parts["body"],
            from_email=self._sender.words,
            to=[letter.address],
            headers=headers,
        )
        message.metadata = {DELIVERY_ID: key}
        # The link in a notice is the person's key: it is not led through somebody else's hands.
        message.track_clicks = message.track_opens = False
        if self._service.key_in == "headers":
            headers[self._service.key_name] = key
        elif self._service.key_in == "body":
            message.esp_extra = {self._service.key_name: key}
        return message

    def close(self) -> None:
        if self._backend is not None:
            self._backend.close()
            self._backend = None
