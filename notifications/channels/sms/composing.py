"""A text message in one language, filled in for each person."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from uuid import UUID

from django.conf import settings

from notifications.channels.ports import BadAddress, Letter, one_line
from notifications.channels.texts import short_template_with_link
from notifications.models import MessageText
from notifications.providers import Provider
from notifications.templates import compile_text

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class SmsComposer:
    def __init__(self, text: MessageText, provider: Provider) -> None:
        self._sender = provider.option("sender", settings.SMS_SENDER)
        self._text = compile_text(short_template_with_link(text))

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
