"""A mail in one language: its bytes are composed once, and filled in for each person.

Plain text in base64: every script survives every relay, no line is too long and none begins
with a dot.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from email.header import Header
from email.utils import formatdate
from functools import lru_cache
from uuid import UUID

from notifications.channels.mail.addresses import Sender, envelope_address
from notifications.channels.mail.wording import Wording, fixed_headers
from notifications.channels.ports import Letter
from notifications.models import MessageText


@lru_cache(maxsize=256)
def _subject_header(subject: str) -> str:
    if subject.isascii():
        return subject
    return Header(subject, "utf-8", header_name="Subject").encode(linesep="\r\n")


def _lines(headers: Mapping[str, str]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())


class MailComposer:
    def __init__(self, text: MessageText, sender: Sender) -> None:
        self._wording = Wording(text)
        self._domain = sender.domain
        self._fixed = _lines(
            {
                "From": sender.header,
                "Date": formatdate(),
                "MIME-Version": "1.0",
                "Content-Type": 'text/plain; charset="utf-8"',
                "Content-Transfer-Encoding": "base64",
                **fixed_headers(self._wording.language),
            }
        )

    def fill(self, delivery_id: UUID, address: str, values: Mapping[str, str]) -> Letter:
        to = envelope_address(address)
        words = self._wording.fill(values)
        headers = (
            f"{self._fixed}To: <{to}>\r\n"
            f"Subject: {_subject_header(words.subject)}\r\n"
            f"Message-ID: <{delivery_id}@{self._domain}>\r\n"
            f"X-Reference: {delivery_id}\r\n"
            f"{_lines(words.unsubscribe)}\r\n"
        )
        body = base64.encodebytes(words.body.encode()).replace(b"\n", b"\r\n")
        return Letter(delivery_id, to, headers.encode() + body)
