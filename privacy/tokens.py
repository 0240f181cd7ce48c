"""Keyed digests for links and one-time codes: recomputed when needed, never stored."""

from __future__ import annotations

from privacy.derivation import domain_hmac


def keyed_digest(domain: str, *parts: bytes) -> bytes:
    """HMAC-SHA256 (32 bytes) of the parts under LINK_KEY's key for this domain.

    Each part is preceded by its length, so that ("ab", "c") and ("a", "bc") differ. Compare with
    hmac.compare_digest.
    """
    message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return domain_hmac("LINK_KEY", domain, message)
