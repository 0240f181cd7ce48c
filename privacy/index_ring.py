"""The secrets that make blind indexes: read from BLIND_INDEX_KEY, newest first.

The first makes, all find. An index made under a named key begins with that key's mark, so that a
scan can tell which key made it; one made under a secret without a name is all digest, as in every
portal that never rotated its secret.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from privacy.derivation import derived_key

SETTING = "BLIND_INDEX_KEY"
DIGEST_BYTES = 32
MARK_BYTES = 6
# The id of a secret without a name. There can be one: its indexes cannot be told from another's.
NAMELESS = ""
_NAMED = re.compile(r"\s*([A-Za-z0-9._-]{1,32}):(.*)", re.DOTALL)


def mark_of(key_id: str) -> bytes:
    """What an index under that key begins with; nothing where the key has no name."""
    if key_id == NAMELESS:
        return b""
    return hashlib.sha256(f"micic portal 1|{SETTING}|{key_id}".encode()).digest()[:MARK_BYTES]


class IndexRing:
    """Ordered secrets by their id. Errors name the id of a secret, never the secret."""

    def __init__(self, secrets: dict[str, str]) -> None:
        if not secrets:
            raise ImproperlyConfigured(f"{SETTING} is empty: set a secret, or id:secret.")
        self._secrets = secrets
        self.key_ids = tuple(secrets)
        self.newest = self.key_ids[0]
        self._marks = {mark_of(key_id): key_id for key_id in secrets if key_id}
        for key_id in secrets:
            self._key(key_id, "check")

    @classmethod
    def parse(cls, text: str) -> IndexRing:
        """Read "id:secret" parts, separated by commas or line ends, newest first.

        A text in which no part has an id is one secret without a name, commas and all.
        """
        parts = [part.strip() for part in re.split(r"[,\n]", text) if part.strip()]
        named = [_NAMED.fullmatch(part) for part in parts]
        if not any(named):
            return cls({NAMELESS: text})
        secrets: dict[str, str] = {}
        for part, match in zip(parts, named, strict=True):
            key_id, secret = (match[1], match[2].strip()) if match else (NAMELESS, part)
            if key_id in secrets:
                what = f"key {key_id!r} stands there twice" if key_id else "two secrets lack an id"
                raise ImproperlyConfigured(f"{SETTING}: {what}.")
            secrets[key_id] = secret
        return cls(secrets)

    def index(self, key_id: str, domain: str, value: str) -> bytes:
        """The index of a value under one key of the ring, 32 bytes. Raises KeyError."""
        digest = hmac.digest(self._key(key_id, domain), value.encode(), "sha256")
        return (mark_of(key_id) + digest)[:DIGEST_BYTES]

    def key_id_of(self, index: bytes) -> str | None:
        """Which key made an index; None where none of the ring did, as far as one can tell.

        What bears no mark of the ring was made by the secret without a name, if there is one.
        """
        known = self._marks.get(bytes(index[:MARK_BYTES]))
        if known is None and NAMELESS in self._secrets:
            return NAMELESS
        return known

    def _key(self, key_id: str, domain: str) -> bytes:
        return derived_key(self._secrets[key_id], SETTING, domain)

    def mark_key(self, key_id: str) -> bytes:
        """A derived key that is used for nothing but to know the secret again."""
        return self._key(key_id, "mark")

    def __repr__(self) -> str:
        return f"<IndexRing {', '.join(key_id or '(no id)' for key_id in self.key_ids)}>"


_parsed = lru_cache(maxsize=8)(IndexRing.parse)


def index_ring() -> IndexRing:
    """The ring of the settings in force, parsed once for each text."""
    return _parsed(settings.BLIND_INDEX_KEY)
