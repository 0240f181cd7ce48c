"""A note's text, readable only with the field keys and, where it is about a person, their salt.

Destroying the salt at erasure makes the note unreadable, although the ledger's rows never change.
"""

from __future__ import annotations

import base64
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class NoteUnreadable(Exception):
    """The note belongs to a person whose salt was destroyed, or to another person."""


def _cipher(salt: bytes, entry_id: UUID) -> AESGCM:
    info = b"micic portal 1|audit note|" + entry_id.bytes
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(salt))


def wrap(text: str, *, entry_id: UUID, salt: bytes | None) -> str:
    """What the sealed note column holds. Without a salt the note is about no person."""
    if salt is None:
        return f"0{text}"
    nonce = os.urandom(_NONCE_BYTES)
    body = _cipher(salt, entry_id).encrypt(nonce, text.encode(), None)
    return f"1{base64.b64encode(nonce + body).decode()}"


def unwrap(held: str, *, entry_id: UUID, salt: bytes | None) -> str:
    """The text. Raises NoteUnreadable."""
    if held[:1] == "0":
        return held[1:]
    if salt is None:
        raise NoteUnreadable("The person's salt was destroyed, and the note with it.")
    raw = base64.b64decode(held[1:])
    try:
        text = _cipher(salt, entry_id).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None)
    except InvalidTag:
        raise NoteUnreadable("The note is about another person.") from None
    return text.decode()
