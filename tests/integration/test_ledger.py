"""The ledger: what is written, about whom, and what is left after a person is forgotten."""

from __future__ import annotations

import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction

from audit import ledger, subjects
from audit.actors import Actor
from audit.details import DetailsRefused
from audit.models import Entry, EntrySubject, LedgerIsAppendOnly, SubjectSalt, UnsealedEntry
from audit.notes import NoteUnreadable
from audit.purposes import Purpose

pytestmark = pytest.mark.django_db


def record(**changes: Any):
    given: dict[str, Any] = {
        "action": "person.read",
        "by": Actor.system("tests"),
        "purpose": Purpose.CRISIS,
    }
    return ledger.record(**(given | changes))


def test_an_entry_says_who_did_what_to_which_record_and_why():
    officer = SimpleNamespace(pk=uuid.uuid4(), role="officer", post_id=uuid.uuid4())
    crisis = uuid.uuid4()
    entry = record(
        action="crisis.open",
        by=officer,
        object_type="crisis",
        object_id=crisis,
        details={"countries": {"NP", "IN"}, "people": 40, "digest": "ab" * 32, "drill": False},
    )
    entry.refresh_from_db()
    assert (entry.actor_kind, entry.actor_id) == ("user", str(officer.pk))
    assert (entry.actor_role, entry.actor_post) == ("officer", officer.post_id)
    assert (entry.action, entry.purpose) == ("crisis.open", "crisis")
    assert (entry.object_type, entry.object_id) == ("crisis", str(crisis))
    assert entry.details == {
        "countries": ["IN", "NP"],
        "people": 40,
        "digest": "ab" * 32,
        "drill": False,
    }
    assert UnsealedEntry.objects.filter(entry=entry).exists()


@pytest.mark.parametrize(
    ("by", "kind", "actor_id"),
    [
        (None, "unknown", ""),
        (SimpleNamespace(pk=None), "unknown", ""),
        (Actor.system("sweep"), "system", "sweep"),
        (Actor.agency("client-1"), "agency", "client-1"),
    ],
)
def test_every_kind_of_actor_is_an_identifier(by, kind, actor_id):
    entry = record(by=by)
    assert (entry.actor_kind, entry.actor_id) == (kind, actor_id)


def test_a_traveller_stands_in_the_ledger_as_a_subject_digest_only():
    person = uuid.uuid4()
    entry = record(by=Actor.traveller(person), subjects=[person], object_id=person)
    salt = subjects.ensure_salt(person)
    assert entry.actor_id == subjects.digest(salt, person).hex()
    assert entry.object_id == ""
    assert bytes(EntrySubject.objects.get().subject).hex() == entry.actor_id


def test_the_entry_is_committed_with_what_it_records_or_not_at_all():
    def act() -> None:
        with transaction.atomic():
            record(subjects=[uuid.uuid4()])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    assert not Entry.objects.exists()
    assert not EntrySubject.objects.exists()


@pytest.mark.parametrize("action", ["open", "Crisis.open", "crisis.open now", ""])
def test_an_action_is_named_noun_verb(action):
    with pytest.raises(ValueError, match="noun"):
        record(action=action)


def test_only_listed_purposes_are_taken():
    with pytest.raises(ValueError, match="curiosity"):
        record(purpose="curiosity")


@pytest.mark.parametrize(
    "value", ["María Quispe", "a@b.example", "+525512345678", "Calle 5, 2.o piso", "x" * 81]
)
def test_details_take_codes_and_refuse_words_without_repeating_them(value):
    for details in ({"k": value}, {"k": [value]}, {"k": {"in": value}}):
        with pytest.raises(DetailsRefused) as refused:
            record(details=details)
        assert value not in str(refused.value)
    assert not Entry.objects.exists()


def test_a_detail_s_key_is_a_code_too():
    with pytest.raises(DetailsRefused):
        record(details={"María Quispe": 1})


def test_the_database_s_digest_is_python_s():
    person = uuid.uuid4()
    record(subjects=[person, str(person)])
    salt = subjects.ensure_salt(person)
    assert len(salt) == 32
    assert bytes(EntrySubject.objects.get().subject) == subjects.digest(salt, person)


def test_a_bulk_act_is_one_entry_with_everyone_as_subject():
    known = uuid.uuid4()
    record(subjects=[known])
    people = [uuid.uuid4() for _ in range(50)] + [known, known]
    SubjectSalt.objects.filter(pk=known).update(salt=b"k" * 32)
    first = record(subjects=people)
    everyone = SubjectSalt.objects.filter(pk__in=people)
    entry = ledger.record_bulk(
        action="notice.freeze",
        by=None,
        purpose=Purpose.CRISIS,
        subject_query=everyone.order_by("pk").values_list("person_id", flat=True),
        details={"people": 51},
    )
    assert entry.subjects.count() == first.subjects.count() == 51
    assert {bytes(s) for s in entry.subjects.values_list("subject", flat=True)} == {
        subjects.digest(subjects.ensure_salt(person), person) for person in people
    }


def test_a_bulk_act_on_nobody_is_recorded():
    entry = ledger.record_bulk(
        action="notice.freeze",
        by=None,
        purpose=Purpose.CRISIS,
        subject_query=SubjectSalt.objects.none().values("person_id"),
    )
    assert entry.subjects.count() == 0


def test_forty_thousand_subjects_are_written_in_one_statement(django_assert_num_queries):
    table = SubjectSalt._meta.db_table
    fill = (
        f"INSERT INTO {table} "
        "SELECT gen_random_uuid(), sha256(n::text::bytea) FROM generate_series(1, 40000) AS n"
    )
    with connection.cursor() as cursor:
        # The planner looks while the table is empty. Joined row by row, which then seems right,
        # 40,000 persons with 40,000 salts once took minutes.
        for statement in (fill, f"DELETE FROM {table}", f"ANALYZE {table}", fill):
            cursor.execute(statement)
        cursor.execute("SET LOCAL statement_timeout = '20s'")
    everyone = SubjectSalt.objects.values("person_id")
    # The entry, its place in the sealer's queue, the subjects.
    with django_assert_num_queries(3):
        entry = ledger.record_bulk(
            action="notice.freeze", by=None, purpose="crisis", subject_query=everyone
        )
    assert entry.subjects.count() == 40_000


def test_a_person_reads_who_looked_at_their_record_and_nobody_else_s():
    me, other = uuid.uuid4(), uuid.uuid4()
    first = record(subjects=[me])
    record(subjects=[other])
    second = record(subjects=[me, other])
    assert list(ledger.entries_about(me)) == [second, first]
    assert list(ledger.entries_about(uuid.uuid4())) == []


def test_a_forgotten_person_is_tied_to_no_entry_and_their_notes_are_lost():
    person, other = uuid.uuid4(), uuid.uuid4()
    entry = record(subjects=[person], note="Asked by her brother")
    record(subjects=[other])
    assert ledger.read_note(entry, person) == "Asked by her brother"
    assert ledger.forget(person) is True
    assert ledger.forget(person) is False
    assert list(ledger.entries_about(person)) == []
    with pytest.raises(NoteUnreadable):
        ledger.read_note(entry, person)
    # A salt made anew does not bring the old entries or notes back.
    record(subjects=[person])
    assert entry not in ledger.entries_about(person)
    with pytest.raises(NoteUnreadable):
        ledger.read_note(entry, person)
    assert ledger.entries_about(other).count() == 1


def test_a_note_is_ciphertext_in_the_table():
    person = uuid.uuid4()
    record(subjects=[person], note="Asked by her brother")
    record(note="Sirens are out of order")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT note FROM {Entry._meta.db_table}")
        raw = b"".join(bytes(row[0]) for row in cursor.fetchall())
    assert b"brother" not in raw
    assert b"Sirens" not in raw


def test_a_note_about_nobody_is_read_without_a_person():
    assert ledger.read_note(record(note="Sirens are out of order")) == "Sirens are out of order"
    assert ledger.read_note(record()) == ""


def test_a_note_about_several_people_is_refused():
    with pytest.raises(ValueError, match="one person"):
        record(subjects=[uuid.uuid4(), uuid.uuid4()], note="Both of them")


def test_python_neither_updates_nor_deletes_an_entry():
    entry = record(subjects=[uuid.uuid4()])
    for write in (
        entry.save,
        entry.delete,
        Entry.objects.all().delete,
        lambda: Entry.objects.update(action="x.y"),
        lambda: EntrySubject.objects.all().delete(),
    ):
        with pytest.raises(LedgerIsAppendOnly):
            write()
