"""Derives one key for each domain from a setting's secret, so that no two uses share a key."""

from __future__ import annotations

import hmac
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_LEAST_CHARACTERS = 32


@lru_cache(maxsize=256)
def _derived(secret: str, name: str, domain: str) -> bytes:
    if len(secret) < _LEAST_CHARACTERS:
        raise ImproperlyConfigured(f"{name} is shorter than {_LEAST_CHARACTERS} characters.")
    info = f"micic portal 1|{name}|{domain}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret.encode())


def domain_key(setting: str, domain: str) -> bytes:
    """32 bytes for one domain of one setting's secret (HKDF-SHA256)."""
    return derived_key(getattr(settings, setting), setting, domain)


def derived_key(secret: str, name: str, domain: str) -> bytes:
    """32 bytes for one domain of one secret of a setting's. Raises ImproperlyConfigured."""
    if not domain:
        raise ValueError("A domain names what its key is for; it cannot be empty.")
    return _derived(secret, name, domain)


def domain_hmac(setting: str, domain: str, message: bytes) -> bytes:
    """HMAC-SHA256 of the message under the domain's key, 32 bytes."""
    return hmac.digest(domain_key(setting, domain), message, "sha256")
