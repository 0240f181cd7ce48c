"""The words of a version as they were published in each language.

Translations are improved; what somebody agreed to is not. published.json keeps each version in the
words and languages in which it was shown, and `publish_consent_texts` adds to it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import override

from registrations.consent_texts.register import CRISIS_FORM, ConsentText, text_of

PUBLISHED = Path(__file__).with_name("published.json")
SOURCE_LANGUAGE = "en"
# By subject, version and language: the title, then the parts.
Published = dict[str, dict[str, dict[str, list[str]]]]


@dataclass(frozen=True, slots=True)
class Words:
    """`language` is the one they are in: English where theirs was never published."""

    title: str
    parts: tuple[str, ...]
    language: str


def words_of(subject: str, version: str, language: str) -> Words | None:
    """What was shown for a version; None for a version that this portal never had."""
    text = text_of(subject, version)
    if text is None:
        return None
    published = _kept(text, subject)
    for code in (language, SOURCE_LANGUAGE):
        if code in published:
            return Words(published[code][0], tuple(published[code][1:]), code)
    title, *parts = translated(text, language)
    return Words(title, tuple(parts), language)


def _kept(text: ConsentText, subject: str) -> dict[str, list[str]]:
    found = read_published()
    for name in (str(subject), CRISIS_FORM):
        if text.version in found.get(name, {}):
            return found[name][text.version]
    return {}


def translated(text: ConsentText, language: str) -> list[str]:
    """The title and the parts as the catalogue has them now."""
    with override(language):
        return [str(text.title), *(str(part) for part in text.parts)]


def translated_whole(text: ConsentText, language: str) -> list[str] | None:
    """The same, or None unless the catalogue has every sentence of it in that language."""
    found = translated(text, language)
    if language == SOURCE_LANGUAGE:
        return found
    source = translated(text, SOURCE_LANGUAGE)
    return None if any(a == b for a, b in zip(found, source, strict=True)) else found


@cache
def read_published() -> Published:
    if not PUBLISHED.exists():
        return {}
    found: Published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    return found
