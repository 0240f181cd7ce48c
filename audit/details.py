"""What may stand in an entry's details: counts, codes, identifiers and dates. Never words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_KEY = re.compile(r"[a-zA-Z][a-zA-Z0-9_.:-]{0,63}")
_CODE = re.compile(r"[A-Za-z0-9_.:/+-]{0,80}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DIGEST = re.compile(r"[0-9a-f]{32,128}")
_LONG_NUMBER = re.compile(r"[0-9]{7}")


class DetailsRefused(ValueError):
    """A detail looks like words or a telephone number. Names the key, never the value."""


def checked(details: Mapping[str, Any] | None) -> dict[str, Any]:
    """The details as plain JSON, or DetailsRefused."""
    return {} if details is None else _mapping(details, "details")


def _mapping(value: Mapping[str, Any], path: str) -> dict[str, Any]:
    for key in value:
        if not isinstance(key, str) or not (_KEY.fullmatch(key) or _CODE.fullmatch(key)):
            raise DetailsRefused(f"{path}: a key is no code.")
    return {key: _value(inner, f"{path}.{key}") for key, inner in value.items()}


def _value(value: Any, path: str) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return _text(str(value), path)
    if isinstance(value, Mapping):
        return _mapping(value, path)
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return [_value(inner, f"{path}[]") for inner in items]
    # UUIDs, dates and enums are codes once written out.
    return _text(str(value).replace(" ", "T"), path)


def _text(text: str, path: str) -> str:
    if _UUID.fullmatch(text) or _DIGEST.fullmatch(text):
        return text
    if not _CODE.fullmatch(text) or _LONG_NUMBER.search(text):
        raise DetailsRefused(f"{path} is no code: put words into the note, which is sealed.")
    return text
