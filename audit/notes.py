"""A note's text, readable only with the field keys and, where it is about a person, their salt.

Destroying the salt at erasure makes the note unreadable, although the ledger's rows never change.
Since they never change, a note is sealed under a key of its own, which is kept sealed beside the
ledger, where it can be brought under a newer field key.
"""

from __future__ import annotations

import base64
import os
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.core.exceptions import ObjectDoesNotExist
from django.db import models

from privacy.fields import PlaintextRefused, SealedTextField
from privacy.sealing import CannotOpen, Sealed, seal_under, unseal_under

_NONCE_BYTES = 12
# Stands where the id of a field key would, which cannot begin so.
OWN_KEY = "~own"
_SEAL = "audit.entry.note"


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


def seal_note(held: str, *, entry_id: UUID) -> tuple[Sealed, str]:
    """What wrap() gave, sealed under a new key of its own, and that key in base64."""
    key = AESGCM.generate_key(bit_length=256)
    sealed = seal_under(AESGCM(key), OWN_KEY, held, seal=_SEAL, pk=entry_id, owner=None)
    return sealed, base64.b64encode(key).decode()


class NoteField(SealedTextField):
    """Holds what seal_note() made; opens that, and what stood under a field key before."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:
        stored = model_instance.__dict__.get(self.attname)
        if stored is not None and not isinstance(stored, Sealed):
            raise PlaintextRefused(f"{self.seal_id}: a note is sealed by audit.ledger.record().")
        return stored

    def open(self, sealed: Sealed, instance: models.Model) -> Any:
        if sealed.key_id != OWN_KEY:
            return super().open(sealed, instance)
        try:
            kept: Any = instance.note_key  # type: ignore[attr-defined]
        except ObjectDoesNotExist:
            raise CannotOpen(self.seal_id, "its own key is gone.") from None
        cipher = AESGCM(base64.b64decode(kept.key))
        return unseal_under(cipher, sealed, seal=_SEAL, pk=instance.pk, owner=None)
