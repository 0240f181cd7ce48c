"""Whether the keys of the settings are those that the database was filled with."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections

from privacy.index_ring import SETTING as INDEX_KEYS
from privacy.index_ring import index_ring
from privacy.keyring import key_ring
from privacy.models import KeyMark

FIELD_KEYS = "FIELD_KEYS"


def marks_now() -> dict[tuple[str, str], bytes]:
    """The mark (16 bytes) of every key in force, by its setting and id.

    Made of a derived key, so that nothing else can be made or opened with what it was made from.
    """
    keys = {(FIELD_KEYS, name): key_ring().mark_key(name) for name in key_ring().key_ids}
    keys |= {(INDEX_KEYS, name): index_ring().mark_key(name) for name in index_ring().key_ids}
    return {name: hashlib.sha256(key).digest()[:16] for name, key in keys.items()}


def remember_keys(*, using: str = "default") -> int:
    """Write down the mark of each key that bears a new id; returns how many were new."""
    before = KeyMark.objects.using(using).count()
    KeyMark.objects.using(using).bulk_create(
        [
            KeyMark(setting=setting, key_id=key_id, mark=mark)
            for (setting, key_id), mark in marks_now().items()
        ],
        ignore_conflicts=True,
    )
    return KeyMark.objects.using(using).count() - before


def strange_keys(*, using: str = "default") -> list[tuple[str, str]]:
    """The setting and id of each key that is another than the one which bore the id before."""
    now = marks_now()
    return [
        (row.setting, row.key_id)
        for row in KeyMark.objects.using(using).order_by("setting", "key_id")
        if now.get((row.setting, row.key_id), bytes(row.mark)) != bytes(row.mark)
    ]


def check_key_marks(
    app_configs: object = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """A wrong secret under a known id opens nothing, and what it seals the right one cannot."""
    if "default" not in (databases or ()):
        return []
    try:
        if KeyMark._meta.db_table not in connections["default"].introspection.table_names():
            return []  # Not migrated yet.
        strange = strange_keys()
    except (DatabaseError, ImproperlyConfigured):
        return []  # Other checks say so.
    return [
        checks.Critical(
            f"{setting}: the {describe(key_id)} is another than the one the database knows.",
            hint="Put the former secret back under this id, and give the new one an id of its own.",
            id="privacy.E107",
        )
        for setting, key_id in strange
    ]


def describe(key_id: str) -> str:
    return f"key {key_id!r}" if key_id else "secret without an id"
