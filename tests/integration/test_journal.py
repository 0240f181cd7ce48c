"""The journal of erasures: nothing lost, nothing twice, and no erasure that waits for a disk."""

from __future__ import annotations

import logging
import os
import threading
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from audit.actors import Actor
from audit.journal import journal, shipping, standing
from audit.journal.file import journal_file
from audit.journal.lines import JournalBroken
from audit.journal.models import JournalEntry, JournalHead
from audit.journal.shipping import NotOurs, ship_batch, ship_soon, ship_waiting
from audit.tasks import ship_journal
from registrations.actions import erase_person
from registrations.models import Person
from tests.factories.registrations import make_person

pytestmark = pytest.mark.django_db(transaction=True)


def write(count: int = 1, *, hooks: bool = False) -> list[UUID]:
    """Journal erasures of nobody; shipped at once only with `hooks`."""
    people = [uuid4() for _ in range(count)]
    with transaction.atomic():
        for person_id in people:
            journal("person.erased", person_id=person_id, code="rights")
        if not hooks:
            connection.run_on_commit.clear()
    return people


def in_file() -> list[UUID | None]:
    lines = list(journal_file().read())
    assert [line.position for line in lines] == list(range(1, len(lines) + 1))
    return [line.person_id for line in lines]


def test_what_is_erased_is_in_the_file_as_soon_as_it_is_committed(journal_dir: Path):
    people = write(3, hooks=True)
    assert set(in_file()) == set(people)
    assert not JournalEntry.objects.exists()
    assert JournalHead.objects.get().position == 3
    assert (journal_dir / "journal.jsonl").stat().st_mode & 0o777 == 0o600
    assert journal_dir.stat().st_mode & 0o077 == 0


def test_what_was_rolled_back_is_in_no_file():
    with transaction.atomic():
        journal("person.erased", person_id=uuid4(), code="rights")
        transaction.set_rollback(True)
    assert not journal_file().path.exists()


def test_it_is_written_in_the_transaction_that_erases():
    with pytest.raises(transaction.TransactionManagementError):
        journal("person.erased", person_id=uuid4(), code="rights")


def test_words_are_refused():
    with transaction.atomic(), pytest.raises(ValueError, match="codes"):
        journal("person.erased", person_id=uuid4(), code="Ana Pérez")


class _Killed(BaseException):
    pass


@pytest.mark.parametrize("torn", [False, True])
def test_a_process_that_dies_between_the_file_and_the_commit_writes_nothing_twice(
    monkeypatch, torn: bool
):
    first = write(2, hooks=True)
    second = write(2)
    append = type(journal_file()).append

    def dies(self, lines):
        append(self, lines)
        if torn:
            with self.path.open("ab") as file:
                file.write(b'{"position":5,"id"')
        raise _Killed

    with monkeypatch.context() as patch:
        patch.setattr("audit.journal.file.JournalFile.append", dies)
        with pytest.raises(_Killed):
            ship_waiting()
    assert JournalEntry.objects.count() == 2
    assert JournalHead.objects.get().position == 2
    # Meanwhile nobody takes it for a restored database.
    assert standing.find_standing() == standing.Standing()
    third = write(1)
    assert ship_waiting() == 3
    assert len(in_file()) == 5
    assert set(in_file()) == {*first, *second, *third}
    assert JournalHead.objects.get().position == 5


def test_two_shippers_at_once_write_each_line_once(monkeypatch):
    people = write(40)
    append = type(journal_file()).append

    def slowly(self, lines):
        time.sleep(0.02)
        append(self, lines)

    monkeypatch.setattr("audit.journal.file.JournalFile.append", slowly)
    failures: list[BaseException] = []

    def ship() -> None:
        try:
            for _ in range(60):
                ship_batch(limit=3)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ship) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ship_waiting()
    assert failures == []
    assert len(in_file()) == 40
    assert set(in_file()) == set(people)


def test_a_disk_that_is_away_fails_no_erasure_and_is_told(journal_dir: Path, caplog):
    journal_dir.parent.mkdir(exist_ok=True)
    journal_dir.write_text("a file where the folder should be")
    person = make_person()
    with caplog.at_level(logging.ERROR):
        assert erase_person(person_id=person.pk, by=Actor.system("test"))
    assert not Person.objects.exists()
    assert JournalEntry.objects.count() == 1
    assert "its entries wait" in caplog.text
    assert str(person.pk) not in caplog.text

    JournalEntry.objects.update(at=timezone.now() - timedelta(minutes=6))
    journal_dir.unlink()
    assert standing.find_standing() == standing.Standing(problem="waiting")
    ship_journal()
    assert standing.find_standing() == standing.Standing()
    assert in_file() == [person.pk]


def test_a_full_disk_leaves_no_half_line(monkeypatch):
    write(1, hooks=True)
    people = write(2)
    real = os.write

    def full(descriptor: int, data: bytes) -> int:
        if len(data) > 100:
            return real(descriptor, data[:100])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("audit.journal.file.os.write", full)
        ship_soon()
    assert JournalEntry.objects.count() == 2
    assert len(in_file()) == 1
    ship_waiting()
    assert set(in_file()[1:]) == set(people)


def test_nothing_is_added_to_a_folder_that_is_not_the_journals(journal_dir: Path):
    """As when the volume is not mounted: what was added there would be hidden by the real one."""
    write(2, hooks=True)
    journal_dir.rename(journal_dir.with_name("unmounted"))
    write(1, hooks=True)
    assert not journal_dir.exists()
    journal_dir.mkdir()
    ship_soon()
    assert list(journal_dir.iterdir()) == []
    assert standing.find_standing().problem == "lost"
    journal_dir.rmdir()
    journal_dir.with_name("unmounted").rename(journal_dir)
    ship_soon()
    assert len(in_file()) == 3


@pytest.mark.parametrize("damage", ["removed", "altered", "moved"])
def test_a_false_line_is_noticed(journal_dir: Path, damage: str):
    write(4, hooks=True)
    file = journal_dir / "journal.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    if damage == "removed":
        del lines[3]
    elif damage == "altered":
        lines[3] = lines[3].replace('"rights"', '"crisis"')
    else:
        lines[2:4] = lines[3:1:-1]
    file.write_text("".join(lines))
    assert standing.find_standing() in (
        standing.Standing(problem="lost"),
        standing.Standing(problem="broken"),
    )
    write(1)
    with pytest.raises((NotOurs, JournalBroken)):
        ship_waiting()
    # The portal goes on, and the entry waits for somebody who repairs it.
    assert JournalEntry.objects.count() == 1


def test_looking_costs_no_query_for_each_request(django_assert_num_queries, monkeypatch):
    standing.look_again()
    assert standing.may_serve()
    with django_assert_num_queries(0):
        for _ in range(50):
            assert standing.may_serve()


def test_what_another_ships_while_one_looks_is_no_restore(monkeypatch):
    """The file is read, then another process ships and commits, then the database is read."""
    write(1, hooks=True)
    write(1)
    last = standing._last

    def ships_meanwhile(file):
        found = last(file)
        ship_waiting()
        return found

    monkeypatch.setattr(standing, "_last", ships_meanwhile)
    assert standing.find_standing() == standing.Standing()


def test_what_another_has_written_and_not_committed_is_no_restore(monkeypatch):
    write(1, hooks=True)
    write(1)
    seen: list[standing.Standing] = []

    def look() -> None:
        seen.append(standing.find_standing())
        connection.close()

    append = type(journal_file()).append

    def looked_at(self, lines):
        append(self, lines)
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()

    monkeypatch.setattr("audit.journal.file.JournalFile.append", looked_at)
    assert shipping.ship_waiting() == 1
    assert seen == [standing.Standing()]


def test_a_volume_that_hangs_keeps_nobody_waiting(journal_dir: Path, monkeypatch):
    """A process that starts then would wait in its first look, and the whole portal with it."""
    monkeypatch.setattr(standing, "ANSWERS_WITHIN", 0.2)
    write(1, hooks=True)
    path = journal_dir / "journal.jsonl"
    whole = path.rename(journal_dir / "whole")
    os.mkfifo(path)  # Whoever opens it to read waits for a writer.
    began = time.monotonic()
    try:
        for _ in range(3):
            assert standing.find_standing() == standing.Standing(problem="away")
        waiting = [thread for thread in threading.enumerate() if thread.name == standing.READER]
        assert len(waiting) == 1
        assert time.monotonic() - began < 5
    finally:
        os.close(os.open(path, os.O_WRONLY))
    for thread in waiting:
        thread.join(5)
    whole.rename(path)
    assert standing.find_standing() == standing.Standing()
