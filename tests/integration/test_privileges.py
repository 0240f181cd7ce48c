"""The serving role adds to the ledger; the database itself refuses it anything more."""

from __future__ import annotations

import base64
import uuid
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from audit import ledger, privileges, sealing
from audit.models import Entry, SubjectSalt
from audit.verification import breaks
from privacy.resealing import reseal_table
from privacy.sealed_tables import sealed_tables

pytestmark = pytest.mark.django_db

LEDGER = ("audit_entry", "audit_entrysubject", "audit_seal", "audit_sealedentry")

REFUSED = r"permission denied|must be owner"


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def role() -> str:
    # Created in the test's own transaction, so that it leaves no role behind. The grant lets an
    # owner who is no superuser act as the role (PostgreSQL 16 and later).
    name = f"micic_test_{uuid.uuid4().hex[:8]}"
    run(f"CREATE ROLE {name}")
    run(f"GRANT {name} TO CURRENT_USER")
    return name


@pytest.fixture
def serving(role: str) -> str:
    call_command("grant_privileges", role, stdout=StringIO())
    run(f"SET LOCAL ROLE {role}")
    return role


def write(person: uuid.UUID) -> None:
    ledger.record(
        action="person.read", by=None, purpose="crisis", subjects=[person], note="Asked to"
    )


def test_the_serving_role_writes_seals_reads_and_forgets(serving):
    person = uuid.uuid4()
    write(person)
    assert sealing.seal_waiting() == 1
    assert list(breaks()) == []
    assert ledger.entries_about(person).count() == 1
    assert ledger.forget(person)
    assert not SubjectSalt.objects.exists()


def test_the_serving_role_brings_every_sealed_value_under_a_newer_key(serving, settings):
    """The keys of notes stand beside the ledger: of what is the ledger's, they alone may change."""
    person = uuid.uuid4()
    write(person)
    newer = base64.b64encode(bytes(range(32))).decode()
    settings.FIELD_KEYS = f"newer:{newer},{settings.FIELD_KEYS}"
    assert sum(reseal_table(table).values for table in sealed_tables()) == 1
    settings.FIELD_KEYS = f"newer:{newer}"
    assert ledger.read_note(Entry.objects.get(), person) == "Asked to"


@pytest.mark.parametrize("table", LEDGER)
@pytest.mark.parametrize(
    "statement", ["DELETE FROM {0}", "TRUNCATE {0} CASCADE", "DROP TABLE {0} CASCADE"]
)
def test_the_serving_role_cannot_take_the_ledger_away(serving, table, statement):
    with pytest.raises(ProgrammingError, match=REFUSED), transaction.atomic():
        run(statement.format(table))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET action = 'x.y'",
        "UPDATE audit_entrysubject SET subject = subject",
        "UPDATE audit_seal SET entries = 0",
        "UPDATE audit_sealedentry SET digest = digest",
        "UPDATE audit_subjectsalt SET salt = salt",
        "UPDATE audit_unsealedentry SET entry_id = entry_id",
        "DELETE FROM django_migrations",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
    ],
)
def test_the_serving_role_cannot_alter_the_ledger(serving, statement):
    with pytest.raises(ProgrammingError, match=REFUSED), transaction.atomic():
        run(statement)


def test_the_serving_role_truncates_nothing_and_edits_the_rest(serving):
    tables = set(connection.introspection.table_names())
    others = tables - set(privileges._SPECIAL)
    assert others
    assert set(LEDGER) < set(privileges._SPECIAL)
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute("SELECT has_table_privilege(%s, 'TRUNCATE')", [table])
            assert cursor.fetchone() == (False,), table
        for table in others:
            for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE"):
                cursor.execute("SELECT has_table_privilege(%s, %s)", [table, privilege])
                assert cursor.fetchone() == (True,), (table, privilege)


def test_what_was_granted_too_much_is_taken_back(role):
    run(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
    run("GRANT UPDATE ON audit_entry TO PUBLIC")
    privileges.grant_privileges(role, using="default")
    run(f"SET LOCAL ROLE {role}")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        run("UPDATE audit_entry SET action = 'x.y'")


def test_a_role_that_no_privilege_binds_is_refused(role):
    with pytest.raises(CommandError, match="There is no role"):
        call_command("grant_privileges", f"{role}_absent")
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolsuper ORDER BY oid LIMIT 1")
        (superuser,) = cursor.fetchone()
    with pytest.raises(CommandError, match="superuser"):
        call_command("grant_privileges", superuser)
    run(f"GRANT CREATE ON SCHEMA public TO {role}")
    run(f"CREATE TABLE kept_apart (id int); ALTER TABLE kept_apart OWNER TO {role}")
    with pytest.raises(CommandError, match="owns tables"):
        call_command("grant_privileges", role)


def test_the_owner_grants_where_one_is_named(monkeypatch):
    assert privileges.owner_alias() == "default"
    named = SimpleNamespace(settings={"default": {}, "owner": {}})
    monkeypatch.setattr(privileges, "connections", named)
    assert privileges.owner_alias() == "owner"
