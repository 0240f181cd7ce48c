"""Deployment checks that need the database: `manage.py check --deploy --database default`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

# What the role that serves the portal must not be able to do to the ledger.
_FORBIDDEN = ("UPDATE", "DELETE", "TRUNCATE")
_LEDGER_MODELS = ("entry", "entrysubject", "seal", "sealedentry")


@register(Tags.database, deploy=True)
def check_serving_role(
    app_configs: object = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """The serving role may add to the ledger and read it, and can neither change nor own it."""
    if not settings.IS_PRODUCTION or "default" not in (databases or ()):
        return []
    tables = [apps.get_model("audit", name)._meta.db_table for name in _LEDGER_MODELS]
    return [*_ownership(tables), *_privileges(tables)]


def _ownership(tables: list[str]) -> list[CheckMessage]:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace"
            " AND pg_has_role(current_user, relowner, 'MEMBER') ORDER BY relname",
            [tables],
        )
        owned = [row[0] for row in cursor.fetchall()]
    if not owned:
        return []
    return [
        Error(
            f"The role in DATABASE_URL owns the ledger's tables ({', '.join(owned)}), "
            "so whoever takes over the portal could rewrite it.",
            hint="Name the owner in DATABASE_OWNER_URL, another role in DATABASE_URL, and run "
            "manage.py prepare_database.",
            id="micic_portal.E001",
        )
    ]


def _privileges(tables: list[str]) -> list[CheckMessage]:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT relname, privilege FROM pg_class, unnest(%s) AS privilege"
            " WHERE relname = ANY(%s) AND relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND has_table_privilege(current_user, pg_class.oid, privilege)"
            " ORDER BY relname, privilege",
            [list(_FORBIDDEN), tables],
        )
        held = [f"{privilege} on {table}" for table, privilege in cursor.fetchall()]
    if not held:
        return []
    return [
        Error(
            f"The role in DATABASE_URL can change the ledger ({', '.join(held)}).",
            hint="Run manage.py grant_privileges, which takes these privileges away.",
            id="micic_portal.E002",
        )
    ]
