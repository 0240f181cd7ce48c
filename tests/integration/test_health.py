"""What the load balancer is told, and what the deployment check finds."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from micic_portal.checks import check_serving_role

pytestmark = pytest.mark.django_db


def test_a_healthy_portal_says_so(client: Client):
    answer = client.get(reverse("show_health"))
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


def test_without_its_broker_it_says_unavailable_and_nothing_more(client: Client, settings: Any):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get(reverse("show_health"))
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})


def test_without_its_database_it_says_unavailable(client: Client, monkeypatch: pytest.MonkeyPatch):
    from django.db import OperationalError

    def refuse(*args: object, **kwargs: object) -> None:
        raise OperationalError("connection to 10.0.0.7 failed")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get(reverse("show_health"))
    assert answer.status_code == 503
    assert b"10.0.0.7" not in answer.content


@pytest.fixture
def serving_role() -> Iterator[str]:
    """A role like the one that serves the portal: it reads the ledger and adds to it."""
    role = f"serving_{uuid.uuid4().hex[:12]}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role}")
        cursor.execute("SELECT current_user")
        owner = cursor.fetchone()[0]
        cursor.execute(f"GRANT {role} TO {owner}")
        for table in _ledger_tables():
            cursor.execute(f"GRANT SELECT, INSERT ON {table} TO {role}")
        yield role
        cursor.execute("RESET ROLE")


def _ledger_tables() -> list[str]:
    return [
        apps.get_model("audit", name)._meta.db_table
        for name in ("entry", "entrysubject", "seal", "sealedentry")
    ]


def test_a_role_that_owns_the_ledger_is_an_error(settings: Any):
    settings.IS_PRODUCTION = True
    found = check_serving_role(databases=["default"])
    assert [error.id for error in found] == ["micic_portal.E001", "micic_portal.E002"]


def test_a_role_that_may_only_add_is_fit(settings: Any, serving_role: str):
    settings.IS_PRODUCTION = True
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {serving_role}")
    assert check_serving_role(databases=["default"]) == []


def test_a_role_that_may_delete_from_the_ledger_is_an_error(settings: Any, serving_role: str):
    settings.IS_PRODUCTION = True
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT DELETE ON {_ledger_tables()[0]} TO {serving_role}")
        cursor.execute(f"SET ROLE {serving_role}")
    found = check_serving_role(databases=["default"])
    assert [error.id for error in found] == ["micic_portal.E002"]
    assert "DELETE on audit_entry" in found[0].msg


def test_outside_production_and_without_a_database_nothing_is_asked(settings: Any):
    assert check_serving_role(databases=["default"]) == []
    settings.IS_PRODUCTION = True
    assert check_serving_role(databases=None) == []
