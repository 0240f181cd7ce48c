"""The words of a mail in one language, filled in for each person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from notifications.channels.ports import UNSUBSCRIBE, one_line
from notifications.channels.texts import direction_of
from notifications.models import MessageText
from notifications.templates import compile_text

_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff"
# A line of right-to-left words whose first letter is a Latin one.
_TURNED_ROUND = re.compile(rf"[^A-Za-z{_RTL}]*[A-Za-z][^{_RTL}]*[{_RTL}]")
# A line of a template that may become one: it begins with a Latin letter or a placeholder.
_MAY_TURN = re.compile(rf"[^A-Za-z{_RTL}]*[A-Za-z]")


class Words(NamedTuple):
    subject: str
    body: str
    unsubscribe: dict[str, str]  # headers


class Wording:
    def __init__(self, text: MessageText) -> None:
        self.language = one_line(text.language)
        self._turns = direction_of(self.language) == "rtl" and any(
            map(_MAY_TURN.match, (text.subject, *text.body.splitlines()))
        )
        self._subject = compile_text(text.subject)
        self._body = compile_text("\r\n".join(text.body.splitlines()) + "\r\n")

    def fill(self, values: Mapping[str, str]) -> Words:
        """No value breaks a line. Raises templates.MissingValue."""
        clean = {name: one_line(value) for name, value in values.items()}
        subject, body = one_line(self._subject(clean)), self._body(clean)
        if self._turns:
            subject, body = _right_to_left(subject), _right_to_left(body)
        return Words(subject, body, _unsubscribe_headers(clean))


def _right_to_left(text: str) -> str:
    """Plain text has no direction of its own: mail programs take each line's from its first
    letter, so that a Latin name at the beginning of an Arabic sentence would turn it round."""
    lines = text.split("\r\n")
    return "\r\n".join(f"\u200f{line}" if _TURNED_ROUND.match(line) else line for line in lines)


def _unsubscribe_headers(values: Mapping[str, str]) -> dict[str, str]:
    """One click in the mail program, without a page (RFC 8058)."""
    address = values.get(UNSUBSCRIBE)
    if not address:
        return {}
    return {
        "List-Unsubscribe": f"<{address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def fixed_headers(language: str) -> dict[str, str]:
    """What each of our mails says of itself, whoever carries it."""
    return {
        "Content-Language": language,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
