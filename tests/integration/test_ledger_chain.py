"""The chain of seals: nothing is skipped, and every alteration is found and named."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from audit import ledger, sealing
from audit.actors import Actor
from audit.models import Entry, EntrySubject, Seal, SealedEntry, UnsealedEntry
from audit.tasks import seal_ledger
from audit.verification import breaks, head

pytestmark = pytest.mark.django_db


def write(count: int = 1, **changes: Any) -> list[Entry]:
    return [
        ledger.record(
            action="person.read",
            by=Actor.system("tests"),
            purpose="crisis",
            subjects=[uuid.uuid4(), uuid.uuid4()],
            details={"number": number},
            **changes,
        )
        for number in range(count)
    ]


def run(sql: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


@pytest.fixture
def chain() -> list[Entry]:
    entries = write(25)
    while sealing.seal_batch(10):
        pass
    return entries


def test_entries_are_sealed_in_batches_and_the_chain_is_whole(chain):
    seals = list(Seal.objects.order_by("position"))
    assert [seal.position for seal in seals] == [1, 2, 3]
    assert [seal.entries for seal in seals] == [10, 10, 5]
    assert bytes(seals[0].previous) == sealing.GENESIS
    assert bytes(seals[2].previous) == bytes(seals[1].digest)
    assert SealedEntry.objects.count() == 25
    assert not UnsealedEntry.objects.exists()
    assert list(breaks()) == []
    assert head() == (3, bytes(seals[2].digest).hex())


def test_the_task_seals_all_and_says_so_outside_the_database(caplog):
    write(3)
    with caplog.at_level("INFO", logger="audit.tasks"):
        assert seal_ledger() == 3
    assert head()[1] in caplog.text
    assert seal_ledger() == 0


def test_every_column_of_an_entry_is_under_the_seal():
    assert set(sealing.COLUMNS) == {field.attname for field in Entry._meta.concrete_fields}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "'2001-01-01'"),
        ("actor_kind", "'agency'"),
        ("actor_id", "'somebody'"),
        ("actor_role", "'auditor'"),
        ("actor_post", "gen_random_uuid()"),
        ("action", "'person.list'"),
        ("purpose", "'advice'"),
        ("object_type", "'crisis'"),
        ("object_id", "'1'"),
        ("details", """'{"number": 99}'"""),
        ("note", r"'\x00'"),
    ],
)
def test_an_altered_entry_is_named(chain, column, value):
    run(f"UPDATE audit_entry SET {column} = {value} WHERE id = %s", chain[12].pk)
    assert list(breaks()) == [f"entry {chain[12].pk} of seal 2 was altered"]


def test_a_subject_taken_away_or_slipped_in_is_noticed(chain):
    run("DELETE FROM audit_entrysubject WHERE entry_id = %s", chain[0].pk)
    EntrySubject.objects.create(entry=chain[1], subject=b"s" * 32)
    assert set(breaks()) == {
        f"entry {chain[0].pk} of seal 1 was altered",
        f"entry {chain[1].pk} of seal 1 was altered",
    }


def test_an_entry_removed_with_its_traces_breaks_its_seal(chain):
    for table in ("audit_sealedentry", "audit_entrysubject"):
        run(f"DELETE FROM {table} WHERE entry_id = %s", chain[3].pk)
    run("DELETE FROM audit_entry WHERE id = %s", chain[3].pk)
    assert list(breaks()) == [
        "seal 1 covers 10 entries, but 9 are left",
        "seal 1 is not the digest of its entries",
    ]


def test_an_entry_resealed_to_fit_its_alteration_breaks_the_seal(chain):
    entry = chain[5]
    run("UPDATE audit_entry SET action = 'person.list' WHERE id = %s", entry.pk)
    forged = sealing.entry_digests([entry.pk])[entry.pk]
    run("UPDATE audit_sealedentry SET digest = %s WHERE entry_id = %s", forged, entry.pk)
    assert list(breaks()) == ["seal 1 is not the digest of its entries"]


def test_a_seal_forged_whole_breaks_the_next_link(chain):
    run("UPDATE audit_seal SET digest = sha256(digest) WHERE position = 2")
    assert "seal 3 does not follow seal 2" in list(breaks())


def test_a_link_made_to_fit_a_forged_seal_breaks_itself(chain):
    run("UPDATE audit_seal SET digest = sha256(digest) WHERE position = 2")
    run(
        "UPDATE audit_seal SET previous = before.digest FROM audit_seal AS before "
        "WHERE audit_seal.position = 3 AND before.position = 2"
    )
    assert list(breaks()) == [
        "seal 2 is not the digest of its entries",
        "seal 3 is not the digest of its entries",
    ]


def test_a_missing_seal_is_noticed(chain):
    run("DELETE FROM audit_sealedentry WHERE seal_id = 2")
    run("DELETE FROM audit_seal WHERE position = 2")
    found = list(breaks())
    assert "seals 2 to 2 are missing" in found
    assert len([line for line in found if line.endswith("waits for none")]) == 10


def test_an_end_cut_off_is_noticed_by_a_digest_written_down_before(chain):
    _, written_down = head()
    call_command("verify_ledger", expect=written_down, verbosity=0, stdout=StringIO())
    run("DELETE FROM audit_sealedentry WHERE seal_id = 3")
    run("DELETE FROM audit_seal WHERE position = 3")
    err = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_ledger", expect=written_down, verbosity=0, stderr=err)
    assert "cut off" in err.getvalue()
    with pytest.raises(CommandError, match="hexadecimal"):
        call_command("verify_ledger", expect="no digest", verbosity=0, stderr=err)


def test_an_entry_kept_from_the_sealer_is_noticed():
    hidden, waiting = write(2)
    run("DELETE FROM audit_unsealedentry WHERE entry_id = %s", hidden.pk)
    assert list(breaks()) == [f"entry {hidden.pk} has no seal and waits for none"]
    assert sealing.seal_waiting() == 1
    assert SealedEntry.objects.get().entry_id == waiting.pk


def test_a_sealer_that_stopped_is_noticed():
    long_ago = write()[0].at - timedelta(hours=1)
    run("UPDATE audit_entry SET at = %s", long_ago)
    assert [line.split(" have ")[0] for line in breaks()] == ["1 entries"]


def test_the_command_says_that_the_ledger_is_whole(chain):
    out = StringIO()
    call_command("verify_ledger", verbosity=0, stdout=out)
    assert out.getvalue().startswith("The ledger is whole: 25 entries; seal 3 is ")


def test_an_empty_ledger_is_whole():
    assert list(breaks()) == []
    assert sealing.seal_waiting() == 0


def test_forgetting_a_person_leaves_the_chain_whole():
    person = uuid.uuid4()
    ledger.record(
        action="person.read", by=None, purpose="crisis", subjects=[person], note="Why not"
    )
    sealing.seal_waiting()
    ledger.forget(person)
    assert list(breaks()) == []


def in_threads(*works: Callable[[], object]) -> None:
    failures: list[BaseException] = []

    def guarded(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    close_old_connections()
    assert failures == []


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_commits_late_is_sealed_late_and_never_skipped():
    written, sealed = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with transaction.atomic():
            write()
            written.set()
            assert sealed.wait(20)

    def others() -> None:
        assert written.wait(20)
        write(3)
        assert sealing.seal_waiting() == 3
        sealed.set()

    in_threads(slow_writer, others)
    assert sealing.seal_waiting() == 1
    assert SealedEntry.objects.count() == 4
    assert list(breaks()) == []


@pytest.mark.django_db(transaction=True)
def test_sealers_side_by_side_make_one_chain():
    write(60)

    def sealer() -> None:
        while sealing.seal_batch(5):
            pass

    in_threads(sealer, sealer, sealer, lambda: write(20))
    sealing.seal_waiting()
    assert SealedEntry.objects.count() == 80
    assert list(breaks()) == []


@pytest.mark.django_db(transaction=True)
def test_a_salt_made_by_another_at_the_same_moment_loses_no_subject():
    person = uuid.uuid4()
    salted, asked = threading.Event(), threading.Event()

    def first() -> None:
        with transaction.atomic():
            ledger.record(action="person.read", by=None, purpose="crisis", subjects=[person])
            salted.set()
            asked.wait(0.5)

    def second() -> None:
        assert salted.wait(20)
        # Waits for the first one's salt, which this statement's snapshot does not hold.
        ledger.record(action="person.read", by=None, purpose="crisis", subjects=[person])

    in_threads(first, second)
    assert ledger.entries_about(person).count() == 2
    assert timezone.now() > Entry.objects.latest("at").at
