"""The keys that seal fields: read from FIELD_KEYS, newest first. The first seals, all open."""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,32}")


class KeyMissing(LookupError):
    """No key of this id is in the ring. The message names the id, which is no secret."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"FIELD_KEYS holds no key {key_id!r}: add it back to open what it sealed.")
        self.key_id = key_id


class KeyRing:
    """An ordered set of named AES-256-GCM keys. Errors name the id of a key, never the key."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        if not keys:
            raise ImproperlyConfigured("FIELD_KEYS is empty: set at least one id:base64key.")
        for key_id, key in keys.items():
            if not _KEY_ID.fullmatch(key_id):
                raise ImproperlyConfigured(
                    "FIELD_KEYS: a key id is 1 to 32 letters, digits, dots, dashes or underscores."
                )
            if len(key) != KEY_BYTES:
                raise ImproperlyConfigured(
                    f"FIELD_KEYS: key {key_id!r} has {len(key)} bytes; AES-256 takes {KEY_BYTES}."
                )
        # Derived, so that the ring keeps no second copy of a key.
        self._marks = {
            key_id: HKDF(SHA256(), 32, None, b"micic portal 1|FIELD_KEYS|mark").derive(key)
            for key_id, key in keys.items()
        }
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self.newest = next(iter(keys))

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """Read "id:base64key" parts, separated by commas or line ends, newest first."""
        keys: dict[str, bytes] = {}
        for part in re.split(r"[,\n]", text):
            if not part.strip():
                continue
            key_id, colon, encoded = part.strip().partition(":")
            if not colon:
                raise ImproperlyConfigured("FIELD_KEYS: write each key as id:base64key.")
            if key_id in keys:
                raise ImproperlyConfigured(f"FIELD_KEYS: key {key_id!r} stands there twice.")
            try:
                keys[key_id] = base64.b64decode(encoded.strip(), validate=True)
            except binascii.Error:
                raise ImproperlyConfigured(f"FIELD_KEYS: key {key_id!r} is not base64.") from None
        return cls(keys)

    @property
    def key_ids(self) -> tuple[str, ...]:
        return tuple(self._ciphers)

    def cipher(self, key_id: str) -> AESGCM:
        """The cipher of one key. Raises KeyMissing."""
        try:
            return self._ciphers[key_id]
        except KeyError:
            raise KeyMissing(key_id) from None

    def mark_key(self, key_id: str) -> bytes:
        """A derived key that is used for nothing but to know the key again."""
        return self._marks[key_id]

    def __repr__(self) -> str:
        return f"<KeyRing {', '.join(self._ciphers)}>"


_parsed = lru_cache(maxsize=8)(KeyRing.parse)


def key_ring() -> KeyRing:
    """The ring of the settings in force, parsed once for each text."""
    return _parsed(settings.FIELD_KEYS)
