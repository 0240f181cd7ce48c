"""A text message in one language, filled in for each person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from notifications.channels.ports import BadAddress, Letter, one_line
from notifications.channels.sms.shapes import generic, shape_of
from notifications.channels.texts import short_template_with_link
from notifications.models import MessageText
from notifications.providers import Provider
from notifications.templates import compile_text

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class SmsComposer:
    def __init__(self, text: MessageText, provider: Provider) -> None:
        self._provider = provider
        self._payload = (shape_of(provider) or generic).payload
        self._text = compile_text(short_template_with_link(text))

    def fill(self, delivery_id: UUID, address: str, values: Mapping[str, str]) -> Letter:
        if not _E164.fullmatch(address):
            raise BadAddress
        text = self._text({name: one_line(value) for name, value in values.items()})
        payload = self._payload(self._provider, delivery_id, address, text)
        return Letter(delivery_id, address, payload)
