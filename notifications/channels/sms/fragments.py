"""How many parts a text message takes: each is sent, and paid for, by itself.

By 3GPP TS 23.038 (the alphabets) and TS 23.040 (a message in parts): 140 octets a part, of which
six say which part it is where there are several. National language tables are not counted on:
few gateways use them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

# TS 23.038, 6.2.1: the default alphabet, without the escape.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# TS 23.038, 6.2.1.1: each comes after an escape, and counts twice.
_EXTENSION = frozenset("\f^{}\\[~]|€")


class Encoding(StrEnum):
    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


# Units in a message of one part, and in each part of several: septets, or 16 bits.
_LIMITS = {Encoding.GSM7: (160, 153), Encoding.UCS2: (70, 67)}


@dataclass(slots=True, frozen=True)
class Fragments:
    """A text as it travels. `units` are septets or 16-bit units, escapes included; `foreign` are
    the characters, each once, for which GSM-7 does not do. Its repr shows no text."""

    encoding: Encoding
    units: int
    parts: int
    foreign: tuple[str, ...]
    limit: int  # units that fit in as many parts


def fragments(text: str) -> Fragments:
    """Count the parts of a text that has been filled in."""
    parts, encoding, units, foreign = _split(text)
    single, several = _LIMITS[encoding]
    number = len(parts)
    limit = single if number < 2 else several * number
    return Fragments(encoding, units, number, foreign, limit)


def parts_of(text: str) -> list[str]:
    """The text of each part, as a gateway cuts it; joined they are the text. Neither an escape
    nor a pair of surrogates is ever torn apart."""
    return _split(text)[0]


def _split(text: str) -> tuple[list[str], Encoding, int, tuple[str, ...]]:
    foreign = tuple(dict.fromkeys(one for one in text if one not in _BASIC | _EXTENSION))
    encoding = Encoding.UCS2 if foreign else Encoding.GSM7
    weigh = _ucs2_units if foreign else _septets
    units = sum(map(weigh, text))
    single, several = _LIMITS[encoding]
    parts = [text] if units <= single else list(_cut(text, several, weigh))
    return parts, encoding, units, foreign


def _cut(text: str, limit: int, weigh: Callable[[str], int]) -> list[str]:
    parts: list[str] = []
    start = weight = 0
    for index, character in enumerate(text):
        weight += weigh(character)
        if weight > limit:
            parts.append(text[start:index])
            start, weight = index, weigh(character)
    return [*parts, text[start:]]


def _septets(character: str) -> int:
    return 2 if character in _EXTENSION else 1


def _ucs2_units(character: str) -> int:
    return 2 if ord(character) > 0xFFFF else 1
