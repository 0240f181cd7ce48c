"""A plain message to one chat. It is never parsed as HTML or Markdown, so that no word of a person
or a place can become a link or a command."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from uuid import UUID

from notifications.channels.ports import BadAddress, Letter, one_line
from notifications.channels.texts import LINK, clean, cut, short_template, utf16_units, wants_link
from notifications.models import MessageText
from notifications.templates import compile_text

# A chat with one person has that person's number, at most 52 bits; groups have negative ones.
_CHAT = re.compile(r"[1-9][0-9]{0,15}")
LONGEST_TEXT = 4096  # UTF-16 units


def valid_address(text: str) -> str:
    """The number of a chat with one person, as it is kept. Raises BadAddress."""
    if not _CHAT.fullmatch(text) or int(text) >= 2**52:
        raise BadAddress
    return text


class TelegramComposer:
    def __init__(self, text: MessageText) -> None:
        self._long = compile_text(f"{text.subject}\n\n{text.body}")
        self._short = compile_text(short_template(text).removesuffix(LINK))
        self._has_link = wants_link(text)

    def fill(self, delivery_id: UUID, address: str, values: Mapping[str, str]) -> Letter:
        chat = valid_address(address)
        fields = {
            "chat_id": int(chat),
            "text": self._text({name: one_line(value) for name, value in values.items()}),
            "link_preview_options": {"is_disabled": True},
        }
        return Letter(delivery_id, chat, json.dumps(fields, ensure_ascii=False).encode())

    def _text(self, values: Mapping[str, str]) -> str:
        long = clean(self._long(values))
        if cut(long, LONGEST_TEXT, utf16_units) == long:
            return long
        link = f" {values['link']}" if self._has_link else ""
        return cut(clean(self._short(values)), LONGEST_TEXT - len(link), utf16_units) + link
