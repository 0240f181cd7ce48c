"""The reference that a person can quote: eight letters and digits of their identifier."""

from __future__ import annotations

from uuid import UUID

# Crockford's base 32: nothing that reads like something else, and no vowel pair to spell words.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALIKE = str.maketrans("OIL", "011")
_LENGTH = 8
_REST_BITS = 128 - 5 * _LENGTH


def reference_of(person_id: UUID) -> str:
    """Return the first 40 bits of a random identifier as text: "7K2M-9QX4"."""
    bits = person_id.int >> _REST_BITS
    text = "".join(_ALPHABET[bits >> (5 * i) & 31] for i in reversed(range(_LENGTH)))
    return f"{text[:4]}-{text[4:]}"


def identifiers_of(reference: str) -> tuple[UUID, UUID] | None:
    """Return the lowest and highest identifier that bear the reference; None if it is not one."""
    text = reference.upper().replace("-", "").replace(" ", "").translate(_ALIKE)
    if len(text) != _LENGTH or any(letter not in _ALPHABET for letter in text):
        return None
    bits = 0
    for letter in text:
        bits = bits << 5 | _ALPHABET.index(letter)
    lowest = bits << _REST_BITS
    return UUID(int=lowest), UUID(int=lowest | (1 << _REST_BITS) - 1)
