"""A backup into an empty installation, closed until what was erased since is erased again."""

from __future__ import annotations

import subprocess
from io import StringIO
from pathlib import Path

import pyrage
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from audit.actors import Actor
from audit.journal import standing
from audit.journal.shipping import ship_waiting
from audit.models import Entry, JournalHead
from crises.actions import resume_notice
from micic_portal.backup import programs
from notifications.enums import MessageState
from notifications.models import Delivery, Message
from registrations.actions import erase_person, withdraw_consent
from registrations.enums import ConsentPurpose
from registrations.models import Consent, Person
from tests.factories.crises import make_frozen
from tests.factories.registrations import make_person
from tests.factories.restoring import empty_database, lead_to

pytestmark = pytest.mark.django_db(transaction=True)
OPERATOR = Actor.system("test")


@pytest.fixture(autouse=True)
def _looking() -> None:
    standing.look_again()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key.txt"
    path.write_text(str(pyrage.x25519.Identity.generate()))
    return path


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "portal.age"


def back_up(path: Path, key: Path) -> str:
    recipient = str(pyrage.x25519.Identity.from_str(key.read_text()).to_public())
    told = StringIO()
    call_command("backup", path, recipient=[recipient], stdout=told, verbosity=0)
    return told.getvalue().split("sha256 ")[1].strip()


def restore(path: Path, key: Path, **options: str) -> None:
    call_command("restore", path, identity=key, verbosity=0, stdout=StringIO(), **options)


def replay(**options: bool) -> str:
    told = StringIO()
    call_command("replay_journal", verbosity=0, stdout=told, **options)
    standing.look_again()
    return told.getvalue()


def status() -> int:
    return Client().get("/").status_code


def test_who_was_erased_since_the_backup_is_gone_before_the_portal_serves_again(
    backup: Path, key: Path
):
    stays, goes = make_person(), make_person()
    agrees = Consent.objects.create(
        person=stays, purpose=ConsentPurpose.STATISTICS, text_version="1", language="en"
    )
    assert status() == 200
    digest = back_up(backup, key)
    assert backup.stat().st_mode & 0o777 == 0o600
    erase_person(person_id=goes.pk, by=OPERATOR)
    withdraw_consent(person_id=stays.pk, purpose=ConsentPurpose.STATISTICS, by=OPERATOR)
    ship_waiting()

    with empty_database():
        restore(backup, key, digest=digest)
        assert set(Person.objects.values_list("pk", flat=True)) == {stays.pk, goes.pk}
        response = Client().get("/")
        assert response.status_code == 503
        assert response["Retry-After"]
        api = Client().get("/api/v1/crises/")
        assert api.status_code == 503
        assert api["Content-Type"] == "application/problem+json"
        assert Client().get("/health/").json()["status"] == "restored"

        replay()
        assert status() == 200
        assert list(Person.objects.values_list("pk", flat=True)) == [stays.pk]
        assert Person.objects.get().name == stays.name
        assert Consent.objects.get(pk=agrees.pk).withdrawn_at
        entry = Entry.objects.get(action="journal.replay")
        assert entry.details["lines"] == 2
        assert _nowhere(str(goes.pk))
        # Sequences and rows go on where they were; doing it twice changes nothing.
        make_person()
        assert "nothing" in replay()


def test_a_notice_under_way_at_the_backup_waits_for_a_coordinator(backup: Path, key: Path):
    make_person()
    notice = make_frozen()
    Message.objects.update(state=MessageState.SENDING)
    Delivery.objects.update(state="queued", held=False)
    assert status() == 200
    back_up(backup, key)

    with empty_database():
        restore(backup, key)
        assert "1 notices that were being sent" in replay()
        assert status() == 200
        message = Message.objects.get()
        assert message.state == MessageState.PAUSED
        assert set(Delivery.objects.values_list("state", "held")) == {("queued", True)}
        assert "paused" not in replay()
        resume_notice(notice=notice, by=notice.author)
        assert set(Delivery.objects.values_list("held", flat=True)) == {False}
        # Asked again of a database that is served, it holds nothing up.
        assert "paused" not in replay()


def _nowhere(identifier: str) -> bool:
    """Whether no table holds it."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(
                f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE %s', [f"%{identifier}%"]
            )
            if cursor.fetchone()[0]:
                return False
    return True


def test_a_dump_restored_without_our_command_is_noticed(tmp_path: Path, monkeypatch):
    make_person()
    assert status() == 200
    dump = tmp_path / "plain.dump"
    server = programs.server_major(connection)
    for name, arguments in (
        ("pg_dump", ["--format=custom", f"--file={dump}"]),
        # What the owner of the tests may do besides is no part of a database.
        ("pg_restore", ["--no-owner", "--no-privileges", str(dump)]),
    ):
        program = programs.program(name, server=server, state=tmp_path)
        if name == "pg_dump":
            _run(program, arguments)
            continue
        with empty_database():
            _run(program, arguments)
            # Nothing was erased since, and still nobody has verified this database ...
            assert status() == 503
            # ... nor where no journal lies.
            monkeypatch.setattr("django.conf.settings.JOURNAL_DIR", tmp_path / "elsewhere")
            standing.look_again()
            assert status() == 503


def _run(program: Path, arguments: list[str]) -> None:
    command = [str(program), f"--dbname={programs.address(connection)}", *arguments]
    subprocess.run(command, env=programs.environment(connection), check=True)


def test_a_database_set_back_in_its_place_is_noticed(backup: Path, key: Path):
    """As after a snapshot of the volume: the same database, an earlier head."""
    person = make_person()
    assert status() == 200
    head = JournalHead.objects.get()
    erase_person(person_id=person.pk, by=OPERATOR)
    ship_waiting()
    assert JournalHead.objects.get().position == head.position + 1
    head.save()
    standing.look_again()
    assert status() == 503


@pytest.mark.parametrize("damage", ["cut", "altered", "another key"])
def test_a_damaged_file_or_a_wrong_key_leaves_the_installation_empty(
    backup: Path, key: Path, damage: str
):
    make_person()
    back_up(backup, key)
    content = bytearray(backup.read_bytes())
    if damage == "cut":
        backup.write_bytes(content[:-200])
    elif damage == "altered":
        content[-300] ^= 1
        backup.write_bytes(content)
    else:
        key.write_text(str(pyrage.x25519.Identity.generate()))
    with empty_database():
        with pytest.raises(CommandError):
            restore(backup, key)
        with connection.cursor() as cursor:
            assert not connection.introspection.table_names(cursor)


def test_an_installation_in_use_is_not_written_over(backup: Path, key: Path):
    person = make_person()
    back_up(backup, key)
    with pytest.raises(CommandError, match="registrations_person"):
        restore(backup, key)
    assert Person.objects.get() == person


def test_a_lost_field_key_is_named_before_anything_is_done(backup: Path, key: Path, settings):
    make_person()
    back_up(backup, key)
    settings.FIELD_KEYS = f"other:{settings.FIELD_KEYS.partition(':')[2]}"
    with empty_database():
        with pytest.raises(CommandError, match=r"'1' \(\d+ values\)"):
            restore(backup, key)
        with connection.cursor() as cursor:
            assert not connection.introspection.table_names(cursor)


def test_another_file_than_the_one_written_down_is_refused(backup: Path, key: Path):
    back_up(backup, key)
    with empty_database(), pytest.raises(CommandError, match="digest"):
        restore(backup, key, digest="0" * 64)


def test_a_backup_is_not_written_over_and_holds_nothing_plain(backup: Path, key: Path):
    make_person()
    back_up(backup, key)
    assert b"CREATE TABLE" not in backup.read_bytes()
    assert b"PGDMP" not in backup.read_bytes()
    with pytest.raises(CommandError, match="exists already"):
        back_up(backup, key)
    assert [path.name for path in backup.parent.glob("*.part")] == []


def test_a_lost_journal_closes_nobody_and_is_told(journal_dir: Path):
    person = make_person()
    assert status() == 200
    erase_person(person_id=person.pk, by=OPERATOR)
    ship_waiting()
    (journal_dir / "journal.jsonl").unlink()
    standing.look_again()
    assert status() == 200
    assert Client().get("/health/").json() == {"status": "ok", "journal": "lost"}

    with pytest.raises(CommandError, match="is not there"):
        replay()
    replay(begin_anew=True)
    assert Client().get("/health/").json() == {"status": "ok"}
    assert Entry.objects.filter(action="journal.begin_anew").exists()
    # What is erased from now on is in the new file.
    erase_person(person_id=make_person().pk, by=OPERATOR)
    ship_waiting()
    assert len((journal_dir / "journal.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize("damage", ["removed", "altered"])
def test_a_journal_with_a_false_line_opens_nothing(
    backup: Path, key: Path, journal_dir: Path, damage: str
):
    people = [make_person() for _ in range(3)]
    assert status() == 200
    back_up(backup, key)
    for person in people:
        erase_person(person_id=person.pk, by=OPERATOR)
        ship_waiting()
    file = journal_dir / "journal.jsonl"
    first, second, third = file.read_text().splitlines(keepends=True)
    altered = second.replace(str(people[1].pk), str(people[0].pk))
    assert altered != second
    file.write_text(first + (altered if damage == "altered" else "") + third)
    with empty_database():
        restore(backup, key)
        with pytest.raises(CommandError, match="line 2"):
            replay()
        assert Person.objects.count() == 3
        assert status() == 503
        replay(begin_anew=True)
        assert status() == 200
        # What can be read is done all the same.
        assert list(Person.objects.values_list("pk", flat=True)) == [people[1].pk]


def test_lead_back(backup: Path):
    """The factory leaves the tests' own database behind."""
    former = connection.settings_dict["NAME"]
    with empty_database() as name:
        assert connection.settings_dict["NAME"] == name
    assert connection.settings_dict["NAME"] == former
    lead_to(former)
    assert not Person.objects.exists()
