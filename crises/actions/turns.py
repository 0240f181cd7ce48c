"""Letting what may happen twice at once happen one after the other."""

from __future__ import annotations

from hashlib import sha256

from django.db import connection


def take_turns(*named: bytes) -> None:
    """Wait for whoever took the same turn until their transaction ends; inside one of our own.

    For what no row stands for yet, or where whoever waited for a row would find it superseded and
    not see its successor.
    """
    key = int.from_bytes(sha256(b"".join(named)).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
