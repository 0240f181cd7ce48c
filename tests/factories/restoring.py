"""A second database beside the tests' own, as the empty installation of a restore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy

from django.db import connection, connections

from audit.journal import standing


def _create(name: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')


def _drop(name: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def empty_database() -> Iterator[str]:
    """The default connection leads to an empty database in here, and back afterwards."""
    former = deepcopy(connection.settings_dict)
    name = f"{former['NAME']}_restored"
    _create(name)
    try:
        lead_to(name)
        yield name
    finally:
        lead_to(former["NAME"])
        _drop(name)


def lead_to(name: str) -> None:
    """Let the default connection lead to another database of the same server."""
    connection.close()
    connections["default"].settings_dict["NAME"] = name
    standing.look_again()
