"""Finds a sealed value again by equality: an HMAC beside it, under a key of its own."""

from __future__ import annotations

from typing import Any

from django.db import models

from privacy.index_ring import DIGEST_BYTES, index_ring

__all__ = ["DIGEST_BYTES", "BlindIndexField", "blind_index", "blind_indexes"]


def blind_index(domain: str, value: str) -> bytes:
    """HMAC-SHA256 (32 bytes) of a value that the caller has normalised, under the newest key.

    It is what is saved; what is looked up is every one of blind_indexes(). The domain is one
    field's name ("registrations.contactpoint.address"): the same value gives another index in
    another domain. Never index a value with few possibilities on its own (a date, a country):
    whoever holds a database and a guess could count them out.
    """
    ring = index_ring()
    return ring.index(ring.newest, domain, value)


def blind_indexes(domain: str, value: str) -> list[bytes]:
    """The value's index under every key of the ring, newest first: rows are found by any."""
    ring = index_ring()
    return [ring.index(key_id, domain, value) for key_id in ring.key_ids]


class BlindIndexField(models.BinaryField):
    """Holds one blind index. Looked up by equality only: exact, in, isnull."""

    description = "Blind index"
    supported_lookups = ("exact", "in", "isnull")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = DIGEST_BYTES
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("max_length", None)
        return name, path, args, kwargs

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name in self.supported_lookups else None

    def get_transform(self, lookup_name: str) -> None:
        return None

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bytes | None:
        return None if value is None else bytes(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is not None and len(value) != DIGEST_BYTES:
            raise ValueError(f"A blind index has {DIGEST_BYTES} bytes; see blind_index().")
        return super().get_db_prep_value(value, connection, prepared)
