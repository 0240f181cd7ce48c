"""The link in a notice: 16 bytes of delivery id and 128 bits of HMAC, computed and never stored.

A retry computes the same link. When a link expires is for the floor above to say.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import uuid

from django.conf import settings

from privacy.tokens import keyed_digest

_MAC_BYTES = 16
# No vowels, and nothing that is misread over a bad line: no words, no 0/O, 1/I, 5/S, 2/Z.
_REPLY_SIGNS = "346789BCDFGHJKMNPQRTVWXY"
REPLY_ALPHABET = frozenset(_REPLY_SIGNS)
REPLY_LENGTH = 4


def _mac(delivery_id: uuid.UUID, version: int) -> bytes:
    return keyed_digest("notice-link", delivery_id.bytes, version.to_bytes(2, "big"))[:_MAC_BYTES]


def token_for(delivery_id: uuid.UUID, version: int = 1) -> str:
    raw = delivery_id.bytes + _mac(delivery_id, version)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def delivery_id_from(token: str, version: int = 1) -> uuid.UUID | None:
    """The delivery that a token names, or None for anything we did not make."""
    if len(token) != 43 or not token.isascii():
        return None
    try:
        raw = base64.b64decode(token + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    delivery_id = uuid.UUID(bytes=raw[:16])
    if not hmac.compare_digest(raw[16:], _mac(delivery_id, version)):
        return None
    # The last character carries two unused bits: one delivery has one spelling.
    return delivery_id if token_for(delivery_id, version) == token else None


def link_for(delivery_id: uuid.UUID, path: str = "/a/") -> str:
    """The address of a page under a path, which ends in a slash."""
    return f"{settings.PORTAL_URL}{path}{token_for(delivery_id)}"


def reply_code(delivery_id: uuid.UUID) -> str:
    """Four characters that an SMS answer carries, since a telephone is not unique to a person."""
    number = int.from_bytes(keyed_digest("reply-code", delivery_id.bytes)[:8], "big")
    code = ""
    for _ in range(REPLY_LENGTH):
        number, index = divmod(number, len(_REPLY_SIGNS))
        code += _REPLY_SIGNS[index]
    return code
