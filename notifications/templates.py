"""Placeholders in the texts of a message: known ones only, checked before anything is queued."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# `link`, `stop` and `reply_code` come from the engine, the others from the recipient's values.
PLACEHOLDERS = frozenset(
    {"link", "stop", "place", "days", "name", "telephone", "reply_code", "code"}
)
ENGINE_PLACEHOLDERS = frozenset({"link", "stop", "reply_code"})
_FIELD = re.compile(r"\{([^{}]*)\}")


class MissingValue(KeyError):
    """A recipient lacks a value that the text needs."""


@dataclass(slots=True, frozen=True)
class TextOf:
    """The texts of a message in one language."""

    language: str
    subject: str
    body: str
    sms: str = ""


def placeholders_in(text: str) -> frozenset[str]:
    return frozenset(_FIELD.findall(text))


def check_placeholders(
    *texts: str, available: Iterable[str] = PLACEHOLDERS, required: Iterable[str] = ()
) -> None:
    """Raise ValidationError for a placeholder that is unknown, unfinished or missing."""
    available = frozenset(available)
    for text in texts:
        unknown = sorted(placeholders_in(text) - available)
        if unknown:
            raise ValidationError(
                _("{%(name)s} is not something the portal can fill in."),
                code="unknown_placeholder",
                params={"name": unknown[0]},
            )
        if re.search(r"[{}]", _FIELD.sub("", text)):
            raise ValidationError(
                _("A curly bracket stands alone: write placeholders as {link}."),
                code="unfinished_placeholder",
            )
    missing = sorted(frozenset(required) - frozenset().union(*map(placeholders_in, texts)))
    if missing:
        raise ValidationError(
            _("The text lacks {%(name)s}."),
            code="missing_placeholder",
            params={"name": missing[0]},
        )


def compile_text(text: str) -> Callable[[Mapping[str, str]], str]:
    """Split a text once, so that filling it in for one person is a join."""
    parts = _FIELD.split(text)
    names = parts[1::2]
    if not names:
        return lambda values: text

    def fill(values: Mapping[str, str]) -> str:
        filled = parts.copy()
        for index, name in enumerate(names):
            value = values.get(name)
            if value is None:
                raise MissingValue(name)
            filled[index * 2 + 1] = value
        return "".join(filled)

    return fill
