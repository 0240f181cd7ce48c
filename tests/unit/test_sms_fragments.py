"""How a text is cut for sending: by 3GPP TS 23.038 and 23.040, whatever it says."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.channels.sms.fragments import Encoding, fragments, parts_of

# TS 23.038 names these: 127 characters with the escape left out, and ten behind the escape.
_ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = "\f^{}\\[~]|€"


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 80 + "a", "GSM-7", 161, 2),
        # 153 septets hold 76 whole escapes and one septet that stays empty.
        ("€" * 152, "GSM-7", 304, 2),
        ("€" * 153, "GSM-7", 306, 3),
        ("á" * 70, "UCS-2", 70, 1),
        ("á" * 71, "UCS-2", 71, 2),
        ("á" * 134, "UCS-2", 134, 2),
        ("á" * 135, "UCS-2", 135, 3),
        ("🌊" * 35, "UCS-2", 70, 1),
        ("🌊" * 36, "UCS-2", 72, 2),
        # 67 units hold 33 whole pairs and one unit that stays empty.
        ("🌊" * 66, "UCS-2", 132, 2),
        ("🌊" * 67, "UCS-2", 134, 3),
        ("أنا بخير " * 8, "UCS-2", 72, 2),
        ("Evacuación a las 14:00, niños primero", "UCS-2", 37, 1),
        ("Niños, mañana: ¡qué señal!", "GSM-7", 26, 1),
    ],
)
def test_known_counts(text: str, encoding: str, units: int, parts: int):
    found = fragments(text)
    assert (found.encoding, found.units, found.parts) == (encoding, units, parts)


def test_the_whole_alphabet_is_known():
    assert len(set(_ALPHABET)) == 127
    assert fragments(_ALPHABET).units == 127
    assert fragments(_ESCAPED).units == 20
    assert fragments(_ALPHABET + _ESCAPED).encoding is Encoding.GSM7


@pytest.mark.parametrize(
    "character", ["á", "í", "ó", "ú", "ç", "’", "–", "…", "ا", "😀", "\x1b", "`"]
)
def test_what_is_foreign_is_named_once(character: str):
    found = fragments(f"a{character}b{character}")
    assert (found.encoding, found.foreign) == (Encoding.UCS2, (character,))


def test_in_spanish_some_accents_cost_nothing_and_others_double_the_price():
    assert fragments("é ñ ü ¿ ¡ à").foreign == ()
    assert fragments("á í ó ú").foreign == ("á", "í", "ó", "ú")


def test_how_much_room_is_left_is_told():
    assert fragments("a" * 150).limit == 160
    assert fragments("a" * 170).limit == 306
    assert fragments("á" * 80).limit == 134


def test_its_repr_shows_no_text():
    assert "secret" not in repr(fragments("secret"))


def _septets(part: str) -> int:
    return sum(2 if one in _ESCAPED else 1 for one in part)


_gsm = st.text(alphabet=_ALPHABET + _ESCAPED * 6, max_size=700)
_any = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300)
_emoji = st.text(alphabet="a€á🌊😀", max_size=300)


@given(_gsm | _any | _emoji)
def test_no_part_is_too_long_and_joined_they_are_the_text(text: str):
    parts, found = parts_of(text), fragments(text)
    assert "".join(parts) == text
    assert len(parts) == found.parts
    if found.encoding is Encoding.GSM7:
        limit = 160 if len(parts) == 1 else 153
        assert all(_septets(part) <= limit for part in parts)
    else:
        limit = 140 if len(parts) == 1 else 134
        # A pair that was torn apart could not be encoded.
        assert all(len(part.encode("utf-16-be")) <= limit for part in parts)


@given(_gsm | _any | _emoji)
def test_no_part_could_have_held_the_beginning_of_the_next(text: str):
    parts = parts_of(text)
    is_gsm = fragments(text).encoding is Encoding.GSM7
    for part, following in pairwise(parts):
        longer = part + following[0]
        assert _septets(longer) > 153 if is_gsm else len(longer.encode("utf-16-be")) > 134
