"""An entry's details as rows: nested codes made flat, the commoner ones in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

_WORDS: dict[str, Any] = {
    "people": _("People"),
    "messages": _("Messages"),
    "found": _("Found"),
    "reason": _("Reason"),
    "crisis": _("Crisis"),
    "classes": _("Who is included"),
    "from": _("First day"),
    "until": _("Last day"),
    "kind": _("Kind"),
    "role": _("Role"),
    "version": _("Version"),
    "count": _("Number"),
    "limit": _("Limit"),
    "breaks": _("Breaks"),
    "entries": _("Entries"),
    "seal": _("Seal"),
    "outcome": _("Outcome"),
}


def detail_rows(details: Mapping[str, Any]) -> list[dict[str, str]]:
    """`key` as it stands in the ledger, `label` in words where there are any, `value` as text."""
    return [
        {"key": key, "label": str(_WORDS.get(key, key)), "value": value}
        for key, value in _flat(details, "")
    ]


def _flat(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        yield path, ", ".join(map(_text, value))
    else:
        yield path, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return "–" if value is None or value == "" else str(value)
