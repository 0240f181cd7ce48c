"""A text message in one language, filled in for each person."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from uuid import UUID

from django.conf import settings

from notifications.channels.ports import BadAddress, Letter, one_line
from notifications.models import MessageText
from notifications.providers import Provider
from notifications.templates import compile_text, placeholders_in

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def sms_template(text: MessageText) -> str:
    """The short text, with the link at its end where the long text has one."""
    short = text.sms.strip() or f"{text.subject}\n{text.body}"
    wants_link = "link" in placeholders_in(text.body) and "link" not in placeholders_in(short)
    return f"{short} {{link}}" if wants_link else short


class SmsComposer:
    def __init__(self, text: MessageText, provider: Provider) -> None:
        self._sender = provider.option("sender", settings.SMS_SENDER)
        self._text = compile_text(sms_template(text))

    def fill(self, delivery_id: UUID, address: str, values: Mapping[str, str]) -> Letter:
        if not _E164.fullmatch(address):
            raise BadAddress
        clean = {name: one_line(value) for name, value in values.items()}
        fields = {
            "to": address,
            "text": self._text(clean),
            "sender": self._sender,
            "reference": str(delivery_id),
        }
        return Letter(delivery_id, address, json.dumps(fields, ensure_ascii=False).encode())
