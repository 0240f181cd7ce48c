"""A mail in one language: its bytes are composed once, and filled in for each person.

Plain text in base64: every script survives every relay, no line is too long and none begins
with a dot.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from email.header import Header
from email.utils import formataddr, formatdate, parseaddr
from functools import lru_cache
from uuid import UUID

from django.conf import settings

from notifications.channels.ports import UNSUBSCRIBE, BadAddress, Letter, one_line
from notifications.models import MessageText
from notifications.templates import compile_text

# Quoted local parts are legal, never seen, and a way to smuggle a second address in.
_ADDRESS = re.compile(
    r"[^\s\x00-\x1f\x7f<>()\[\],;:\\\"@]{1,64}@[^\s\x00-\x1f\x7f<>()\[\],;:\\\"@]+"
)


def envelope_address(address: str) -> str:
    """The address as SMTP takes it, its domain in ASCII. Raises BadAddress."""
    if len(address) > 254 or not _ADDRESS.fullmatch(address):
        raise BadAddress
    local, _, domain = address.rpartition("@")
    if "" in domain.split("."):
        raise BadAddress
    if domain.isascii():
        return address
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise BadAddress from None


@lru_cache(maxsize=256)
def _subject_header(subject: str) -> str:
    if subject.isascii():
        return subject
    return Header(subject, "utf-8", header_name="Subject").encode(linesep="\r\n")


def sender_header() -> str:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((one_line(name), address))


def sender_address() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def _unsubscribe_headers(values: Mapping[str, str]) -> str:
    """One click in the mail program, without a page (RFC 8058)."""
    address = values.get(UNSUBSCRIBE)
    if not address:
        return ""
    return f"List-Unsubscribe: <{address}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"


class MailComposer:
    def __init__(self, text: MessageText) -> None:
        self._subject = compile_text(text.subject)
        self._body = compile_text("\r\n".join(text.body.splitlines()) + "\r\n")
        self._domain = sender_address().rpartition("@")[2]
        self._fixed = (
            f"From: {sender_header()}\r\n"
            f"Date: {formatdate()}\r\n"
            "MIME-Version: 1.0\r\n"
            'Content-Type: text/plain; charset="utf-8"\r\n'
            "Content-Transfer-Encoding: base64\r\n"
            f"Content-Language: {one_line(text.language)}\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "X-Auto-Response-Suppress: All\r\n"
        )

    def fill(self, delivery_id: UUID, address: str, values: Mapping[str, str]) -> Letter:
        to = envelope_address(address)
        clean = {name: one_line(value) for name, value in values.items()}
        headers = (
            f"{self._fixed}To: <{to}>\r\n"
            f"Subject: {_subject_header(one_line(self._subject(clean)))}\r\n"
            f"Message-ID: <{delivery_id}@{self._domain}>\r\n"
            f"X-Reference: {delivery_id}\r\n"
            f"{_unsubscribe_headers(clean)}\r\n"
        )
        body = base64.encodebytes(self._body(clean).encode()).replace(b"\n", b"\r\n")
        return Letter(delivery_id, to, headers.encode() + body)
