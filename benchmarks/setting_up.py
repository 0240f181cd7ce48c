"""Starts the servers of a measurement in VAR_DIR, and the portal's settings on them."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def provide_servers(**variables: str) -> None:
    """Embedded servers, durable as in the demo, and `variables` in the environment."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "micic_portal.settings"
    os.environ.setdefault("PORTAL_MODE", "demo")
    os.environ.setdefault("VAR_DIR", str(PROJECT / "var/benchmark"))
    os.environ.update(variables)

    from micic_portal.embedded.provide import provide

    provide(Path(os.environ["VAR_DIR"]))


def set_up(*, as_owner: bool = False, **variables: str) -> None:
    """The servers, and Django on them; as the tables' owner where rows go in without triggers or
    a peer's table stands beside them."""
    provide_servers(**variables)
    if as_owner:
        owner = os.environ.pop("DATABASE_OWNER_URL", os.environ["DATABASE_URL"])
        os.environ["DATABASE_URL"] = owner
    import django

    django.setup()
