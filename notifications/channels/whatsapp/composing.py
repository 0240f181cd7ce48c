"""A template that Meta has approved, with three parameters: the title, the words and the link.

Whoever has not written to us within a day may be written to with such a template alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from uuid import UUID

from django.conf import settings

from notifications.channels.ports import BadAddress, Letter, one_line
from notifications.channels.texts import LINK, cut, short_template, wants_link
from notifications.models import MessageText
from notifications.providers import Provider
from notifications.templates import compile_text

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# Meta refuses a parameter with a line break, a tab or more than four spaces in a row.
_SPACES = re.compile(r"\s+")
# A body has 1024 characters, of which the template's own words take some.
_TITLE, _WORDS = 120, 500


def valid_address(text: str) -> str:
    """A telephone number in E.164, as it is kept. Raises BadAddress."""
    if not _E164.fullmatch(text):
        raise BadAddress
    return text


def template_languages(provider: Provider) -> dict[str, str]:
    """Of each language of ours, what Meta calls it: "es,en=en_US" is {"es": "es", "en": "en_US"}.
    The template is approved in each of them by itself."""
    entries = [entry.strip() for entry in provider.option("template_languages").split(",")]
    pairs = (entry.partition("=") for entry in entries if entry)
    return {ours.strip(): theirs.strip() or ours.strip() for ours, _, theirs in pairs}


class WhatsAppComposer:
    def __init__(self, text: MessageText, provider: Provider) -> None:
        languages = template_languages(provider)
        self._name = provider.option("template")
        # In another language its few fixed words are wrong; ours, in the parameters, are not.
        fallback = languages.get(settings.LANGUAGE_CODE) or next(iter(languages.values()), "")
        self._language = languages.get(text.language.split("-")[0]) or fallback
        self._title = compile_text(text.subject)
        self._words = compile_text(short_template(text).removesuffix(LINK))
        self._has_link = wants_link(text)

    def fill(self, delivery_id: UUID, address: str, values: Mapping[str, str]) -> Letter:
        to = valid_address(address)
        clean = {name: one_line(value) for name, value in values.items()}
        title = _parameter(self._title(clean), _TITLE)
        words = _parameter(self._words(clean), _WORDS) or title
        link = clean["link"] if self._has_link else settings.PORTAL_URL
        fields = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": to,
            "type": "template",
            "template": {
                "name": self._name,
                "language": {"code": self._language},
                "components": [
                    {
                        "type": "body",
                        "parameters": [
                            {"type": "text", "text": text} for text in (title, words, link)
                        ],
                    }
                ],
            },
            # Comes back with each receipt.
            "biz_opaque_callback_data": str(delivery_id),
        }
        return Letter(delivery_id, to, json.dumps(fields, ensure_ascii=False).encode())


def _parameter(text: str, limit: int) -> str:
    return cut(_SPACES.sub(" ", one_line(text)), limit)
