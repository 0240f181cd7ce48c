"""The operator's keys: they sign what we send (RFC 8292), so that push services know who we are,
and a browser's subscription works for their owner only."""

from __future__ import annotations

import base64
import binascii
import re
import time
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02  # type: ignore[import-untyped]

# Push services refuse a signature for longer than a day; half of that leaves room for clocks.
_VALID_SECONDS = 12 * 3600
_KEPT_SECONDS = 6 * 3600
# Apple refuses a subject that nobody could write to, a local name among them.
_SUBJECT = re.compile(r"(?:mailto:[^\s@:/]+@|https://)[\w-]+(?:\.[\w-]+)+(?:/\S*)?")


class BadKeys(ValueError):
    """These keys cannot sign. Carries none of them."""


@dataclass(slots=True, frozen=True)
class KeyPair:
    """Both in base64url without padding: 65 and 32 bytes on P-256."""

    public: str
    private: str = field(repr=False)


def new_keys() -> KeyPair:
    key = ec.generate_private_key(ec.SECP256R1())
    number = key.private_numbers().private_value.to_bytes(32, "big")
    return KeyPair(_public_of(key), _written(number))


def is_subject(text: str) -> bool:
    return _SUBJECT.fullmatch(text) is not None


class Signer:
    """Signs for each push service once in a while. Raises BadKeys where it could not."""

    def __init__(self, public: str, private: str, subject: str) -> None:
        key = _private_from(private)
        if _public_of(key) != public.rstrip("="):
            raise BadKeys
        if not is_subject(subject):
            raise BadKeys
        self._vapid = Vapid02(key)
        self._subject = subject
        self._signed: dict[str, tuple[float, str]] = {}

    def authorization(self, origin: str) -> str:
        """The Authorization header for what is sent to this push service."""
        now = time.time()
        kept_until, header = self._signed.get(origin, (0.0, ""))
        if kept_until <= now:
            claims = {"aud": origin, "sub": self._subject, "exp": int(now) + _VALID_SECONDS}
            header = str(self._vapid.sign(claims)["Authorization"])
            self._signed[origin] = (now + _KEPT_SECONDS, header)
        return header


def _private_from(written: str) -> ec.EllipticCurvePrivateKey:
    try:
        number = base64.b64decode(written + "=" * (-len(written) % 4), b"-_", validate=True)
        if len(number) != 32:
            raise BadKeys
        return ec.derive_private_key(int.from_bytes(number, "big"), ec.SECP256R1())
    except (binascii.Error, ValueError):
        raise BadKeys from None


def _public_of(key: ec.EllipticCurvePrivateKey) -> str:
    return _written(
        key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
    )


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
