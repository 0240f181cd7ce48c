"""The sealed value: AES-256-GCM bound to its field, its row and its row's owner.

Layout: format version (1 byte), length of the key id (1), key id, nonce (12), ciphertext and tag.
The associated data is the header, the seal id, the row's key and the owner's key, each preceded
by its length, so that a sealed value opens nowhere else.
"""

from __future__ import annotations

import json
import os
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from privacy.keyring import KeyMissing, key_ring

FORMAT = 1
_NONCE_BYTES = 12
_TAG_BYTES = 16
# Made once: json.dumps() would build an encoder for each value.
_to_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


class CannotOpen(Exception):
    """A sealed value does not open. Says which field and which key; never a value, never a row."""

    def __init__(self, seal: str, reason: str) -> None:
        super().__init__(f"A value of {seal} cannot be opened: {reason}")
        self.seal = seal


class Sealed:
    """The bytes of a sealed value as they stand in the database. Shows nothing of them."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes | memoryview) -> None:
        self.raw = bytes(raw)

    @property
    def key_id(self) -> str:
        """The id of the key that sealed it; empty where the header makes no sense."""
        try:
            header, _ = _split(self.raw)
        except ValueError:
            return ""
        return header[2:].decode("ascii")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return "<sealed>"


def _split(raw: bytes) -> tuple[bytes, bytes]:
    """Header and body. Raises ValueError where the layout is not ours."""
    if len(raw) < 2 or raw[0] != FORMAT:
        raise ValueError("unknown format")
    end = 2 + raw[1]
    header, body = raw[:end], raw[end:]
    if not raw[1] or not header.isascii() or len(body) < _NONCE_BYTES + _TAG_BYTES:
        raise ValueError("broken layout")
    return header, body


def _key_bytes(key: object) -> bytes:
    """A database key as bytes that say their type, so that 1 and "1" differ."""
    if isinstance(key, UUID):
        return b"u" + key.bytes
    if key is None:
        return b"n"
    if isinstance(key, int):
        return b"i" + str(key).encode()
    if isinstance(key, str):
        return b"s" + key.encode()
    raise TypeError(f"A row cannot be named by a {type(key).__name__}.")


def _associated(header: bytes, seal: str, pk: object, owner: object) -> bytes:
    parts = (header, seal.encode(), _key_bytes(pk), _key_bytes(owner))
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def seal(value: Any, *, seal: str, pk: object, owner: object) -> Sealed:
    """Seal a JSON value under the newest key. Raises TypeError or ValueError if it is not JSON."""
    ring = key_ring()
    return seal_under(ring.cipher(ring.newest), ring.newest, value, seal=seal, pk=pk, owner=owner)


def seal_under(
    cipher: AESGCM, key_name: str, value: Any, *, seal: str, pk: object, owner: object
) -> Sealed:
    """Seal under a key that is not of the ring, by a name that no key of the ring can bear."""
    payload = _to_json(value)
    key_id = key_name.encode("ascii")
    header = bytes((FORMAT, len(key_id))) + key_id
    nonce = os.urandom(_NONCE_BYTES)
    body = cipher.encrypt(
        nonce, payload.encode("utf-8", "surrogatepass"), _associated(header, seal, pk, owner)
    )
    return Sealed(header + nonce + body)


def unseal(sealed: Sealed, *, seal: str, pk: object, owner: object) -> Any:
    """Open a sealed value for the row it was sealed for. Raises CannotOpen."""
    try:
        header, _body = _split(sealed.raw)
    except ValueError as error:
        raise CannotOpen(seal, f"{error}.") from None
    key_id = header[2:].decode("ascii")
    try:
        cipher = key_ring().cipher(key_id)
    except KeyMissing as missing:
        raise CannotOpen(seal, str(missing)) from None
    return unseal_under(cipher, sealed, seal=seal, pk=pk, owner=owner)


def unseal_under(cipher: AESGCM, sealed: Sealed, *, seal: str, pk: object, owner: object) -> Any:
    """Open with a key that is not of the ring. Raises CannotOpen."""
    try:
        header, body = _split(sealed.raw)
    except ValueError as error:
        raise CannotOpen(seal, f"{error}.") from None
    try:
        payload = cipher.decrypt(
            body[:_NONCE_BYTES], body[_NONCE_BYTES:], _associated(header, seal, pk, owner)
        )
    except InvalidTag:
        raise CannotOpen(
            seal, "it was altered, or it was sealed for another row, owner or field."
        ) from None
    return json.loads(payload.decode("utf-8", "surrogatepass"))
