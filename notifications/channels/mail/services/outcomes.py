"""What an answer, an exception or silence of a service means for one mail.

A refusal gives the recipient up only if it speaks of the recipient. Whatever else a service does
not like (our key, our sender, our account) the operator can mend, and no person is lost by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import requests
from anymail.exceptions import AnymailInvalidAddress
from anymail.message import AnymailStatus

from notifications.channels.http import json_object, refusal_of
from notifications.channels.ports import Fault, Outcome, Verdict

_WORD = "mail"
UNREACHABLE = Outcome(Verdict.RETRY, "mail_unreachable")
UNANSWERED = Outcome(Verdict.UNCERTAIN, "mail_unanswered")
GARBLED = Outcome(Verdict.UNCERTAIN, "mail_garbled")
# It carries a key that the service has seen: it has the first one, or is at it.
SEEN_BEFORE = Outcome(Verdict.UNCERTAIN, "mail_seen_before", fault=Fault.RECIPIENT)
# As services name the field of the recipient: 'to', `to`, "to", to[0], to.0, "not valid in to".
_RECIPIENT = re.compile(r"['\"`.]to\\?['\"`.\[]|\bto(\[0\]|\.0)|\bvalid in to\b|\bemail_to\b", re.I)
_KEY = re.compile(r"idempoten|duplicate_request", re.I)
# Mandrill "rejects" for reasons that are ours.
_OUR_REASONS = re.compile(r'"reject_reason": ?"(invalid-sender|unsigned|rule|test-mode-limit)"')
# Amazon's library, which need not be installed, says by these that it could not even ask.
_NEVER_ASKED = {
    "ConnectTimeoutError",
    "EndpointConnectionError",
    "NoCredentialsError",
    "PartialCredentialsError",
    "ProxyConnectionError",
    "SSLError",
}


def outcome_of(status: AnymailStatus, address: str) -> Outcome:
    """What a service answered, as anymail read it."""
    code, text, wait = _said(status.esp_response)
    states = status.status or {"unknown"}
    reference = "" if isinstance(status.message_id, set) else str(status.message_id or "")[:100]
    if states <= {"sent", "queued"}:
        return Outcome(Verdict.ACCEPTED, reference=reference)
    if states <= {"invalid", "rejected"}:
        if _OUR_REASONS.search(text):
            return Outcome(Verdict.RETRY, "mail_refused_us")
        return Outcome(Verdict.FAILED, f"mail_{min(states)}")
    if code >= 400:
        return _refusal(code, text, wait, address)
    if states <= {"failed"}:
        return Outcome(Verdict.RETRY, "mail_failed", fault=Fault.RECIPIENT)
    return Outcome(Verdict.ACCEPTED, reference=reference) if reference else GARBLED


def failure_of(error: Exception, address: str, *, may_have_left: bool) -> Outcome:
    """What an exception of anymail's means. It quotes people: nothing of it may be kept."""
    response = getattr(error, "response", None)
    if response is not None:
        return _refusal(*_said(response), address)
    if isinstance(error, AnymailInvalidAddress):
        return Outcome(Verdict.FAILED, "bad_address")
    if isinstance(error, requests.TooManyRedirects):
        return Outcome(Verdict.RETRY, "mail_refused_us_redirected")
    if type(error.__cause__).__name__ in _NEVER_ASKED:
        return UNREACHABLE
    if may_have_left:
        return UNANSWERED
    if isinstance(error, requests.RequestException | OSError):
        return UNREACHABLE
    return Outcome(Verdict.RETRY, "channel_error")


def _said(response: Any) -> tuple[int, str, str | None]:
    """Status, words and Retry-After of an answer, as requests or Amazon's library hold it."""
    if isinstance(response, requests.Response):
        return response.status_code, response.text, response.headers.get("Retry-After")
    meta = response.get("ResponseMetadata") if isinstance(response, Mapping) else None
    status = meta.get("HTTPStatusCode") if isinstance(meta, Mapping) else None
    return (status if isinstance(status, int) else 0), "", None


def _refusal(status: int, text: str, wait: str | None, address: str) -> Outcome:
    if status < 300:
        if not _says_no(text):
            return GARBLED
        status = 400
    if status == 409 or (400 <= status < 500 and _KEY.search(text)):
        return SEEN_BEFORE
    outcome = refusal_of(_WORD, status, wait)
    if outcome.verdict is Verdict.FAILED and not _speaks_of_recipient(text, address):
        return Outcome(Verdict.RETRY, f"mail_refused_us_{status}")
    return outcome


def _says_no(text: str) -> bool:
    """Whether an answer with a status of success is a refusal nevertheless."""
    if "Mailgun Magnificent API" in text:
        return True  # Its greeting, for an address that is not the one for sending.
    answer = json_object(text.encode()) or {}
    return answer.get("success") is False or str(answer.get("status")).endswith("error")


def _speaks_of_recipient(text: str, address: str) -> bool:
    return bool(_RECIPIENT.search(text)) or address.lower() in text.lower()
