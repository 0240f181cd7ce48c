"""Shorter forms of a message, for channels that have no room for the whole of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import accumulate

from django.conf import settings

from notifications.models import MessageText
from notifications.templates import placeholders_in

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
LINK = "{link}"


def short_template(text: MessageText) -> str:
    """The short text, or the long one where there is none."""
    return text.sms.strip() or f"{text.subject}\n{text.body}"


def short_template_with_link(text: MessageText) -> str:
    """The short text, with the link at its end where the long text has one."""
    short = short_template(text)
    wants_link = "link" in placeholders_in(text.body) and "link" not in placeholders_in(short)
    return f"{short} {LINK}" if wants_link else short


def wants_link(text: MessageText) -> bool:
    return "link" in placeholders_in(text.body) | placeholders_in(text.sms)


def clean(value: str) -> str:
    """Without control characters, save line breaks."""
    return _CONTROL.sub("", value.replace("\r\n", "\n")).strip()


def storable(text: str) -> str:
    """Without what PostgreSQL cannot hold: NUL, and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def utf16_units(character: str) -> int:
    """What services count that were written in Java or JavaScript: an emoji is two."""
    return 2 if ord(character) > 0xFFFF else 1


def cut(value: str, limit: int, weigh: Callable[[str], int] = lambda character: 1) -> str:
    """At most `limit`, weighed character by character; where words are left out stands "…"."""
    if len(value) <= limit and sum(map(weigh, value)) <= limit:
        return value
    fits = sum(total < limit for total in accumulate(map(weigh, value)))
    return value[:fits].rstrip() + "…"


def direction_of(language: str) -> str:
    return "rtl" if language.split("-")[0] in settings.LANGUAGES_BIDI else "ltr"
