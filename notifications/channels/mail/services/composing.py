"""A mail as a service takes it: its parts as JSON, which the session hands to anymail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import UUID

from notifications.channels.mail.addresses import envelope_address
from notifications.channels.mail.wording import Wording, fixed_headers
from notifications.channels.ports import Letter
from notifications.models import MessageText


class ServiceComposer:
    def __init__(self, text: MessageText) -> None:
        self._wording = Wording(text)
        self._fixed = fixed_headers(self._wording.language)

    def fill(self, delivery_id: UUID, address: str, values: Mapping[str, str]) -> Letter:
        to = envelope_address(address)
        words = self._wording.fill(values)
        parts = {
            "subject": words.subject,
            "body": words.body.replace("\r\n", "\n"),
            "headers": {**self._fixed, "X-Reference": str(delivery_id), **words.unsubscribe},
        }
        return Letter(delivery_id, to, json.dumps(parts, ensure_ascii=False).encode())
