"""Rotating the field keys while people save, and what is told of values that do not open."""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts.second_factor import open_secret
from audit.actors import Actor
from audit.ledger import forget, read_note, record
from audit.models import Entry, NoteKey
from audit.notes import NoteUnreadable
from audit.purposes import Purpose
from audit.sealing import seal_waiting
from audit.verification import breaks
from privacy import resealing
from privacy.key_marks import strange_keys
from privacy.sealed_tables import count_old, keys_in_use, newest_header, sealed_tables
from registrations import actions
from registrations.answers import ContactAnswer
from registrations.models import ContactPoint, Person, Report
from tests.factories.registrations import make_person, make_places

pytestmark = pytest.mark.django_db(transaction=True)
BY = Actor.system("test")


def use(settings: Any, *ids: str) -> None:
    settings.FIELD_KEYS = ",".join(
        f"{i}:{base64.b64encode(i.encode().ljust(32, b'.')).decode()}" for i in ids
    )


def rotate(*arguments: str) -> str:
    out = io.StringIO()
    call_command("rotate_field_keys", *arguments, stdout=out, stderr=out, verbosity=0)
    return out.getvalue()


def used() -> set[str]:
    tables = sealed_tables()
    return {key for table in tables for field in table.fields for key in keys_in_use(table, field)}


def at_once(*works: Callable[[], Any]) -> None:
    failed: list[BaseException] = []

    def run(work: Callable[[], Any]) -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


@pytest.fixture
def people(settings: Any) -> list[Person]:
    use(settings, "old")
    make_places()
    found = [
        make_person(
            name=f"Person {n} ñ 🙂",
            document_number=f"X{n}",
            contacts=(ContactAnswer("mail", f"p{n}@example.org", verified_at=timezone.now()),),
        )
        for n in range(12)
    ]
    use(settings, "new", "old")
    return found


def names() -> dict[Any, str]:
    return {person.pk: person.name for person in Person.objects.order_by("pk")}


def test_everything_comes_under_the_newest_key_and_opens_without_the_old(people, settings):
    before = names()
    addresses = {point.pk: point.address for point in ContactPoint.objects.order_by("pk")}
    assert used() == {"old"}
    said = rotate()
    assert used() == {"new"}
    assert "May be taken out of FIELD_KEYS now: old" in said
    use(settings, "new")
    assert names() == before
    assert {p.pk: p.address for p in ContactPoint.objects.order_by("pk")} == addresses
    assert "0 values and 0 second factors were sealed anew" in rotate()


def test_counting_changes_nothing(people):
    before = list(Person.objects.order_by("pk").values_list("name", flat=True))
    said = rotate("--check")
    assert "key 'new': 0 values" in said
    assert list(Person.objects.order_by("pk").values_list("name", flat=True)) == before


def test_what_is_saved_meanwhile_is_newer_and_stays(people, settings, monkeypatch):
    """Somebody saves, moves or erases between the reading of a batch and its writing."""
    pages = resealing._old_rows
    kept, moved, gone = people[0].pk, people[1], people[2].pk
    use(settings, "old")
    report = Report.objects.create(person=people[3], source="group", note="Said of another")
    use(settings, "new", "old")

    done: set[Any] = set()

    def interrupted(table: Any, *arguments: Any) -> Any:
        for page in pages(table, *arguments):
            work = {Person: on_people, Report: on_reports}.get(table.model)
            if work is not None and table.model not in done:
                # Once: doing it again later would hide that it was written over.
                done.add(table.model)
                at_once(work)
            yield page

    def on_people() -> None:
        person = Person.objects.get(pk=kept)
        person.name = "Saved meanwhile"
        person.save(update_fields=["name"])
        Person.objects.filter(pk=moved.pk).update(document_number=None)
        actions.erase_person(person_id=gone, by=BY)

    def on_reports() -> None:
        row = Report.objects.get(pk=report.pk)
        _opened = row.note
        row.person = people[4]
        row.save(update_fields=["person", "reporter", "note"])

    monkeypatch.setattr(resealing, "_old_rows", interrupted)
    rotate("--batch", "500")
    assert done == {Person, Report}
    assert used() == {"new"}
    assert Person.objects.get(pk=kept).name == "Saved meanwhile"
    assert Person.objects.get(pk=moved.pk).document_number is None
    assert not Person.objects.filter(pk=gone).exists()
    assert Report.objects.get(pk=report.pk).note == "Said of another"


def test_two_runs_at_once_while_people_save_and_merge(people, settings):
    stop = threading.Event()
    saved: dict[Any, str] = {}

    def save() -> None:
        number = 0
        while not stop.is_set() or number < 40:
            number += 1
            with transaction.atomic():
                person = Person.objects.select_for_update().get(pk=people[number % 6].pk)
                person.name = f"Saved {number}"
                person.save(update_fields=["name"])
            saved[person.pk] = person.name

    def rotating() -> None:
        try:
            rotate("--batch", "3")
            rotate("--batch", "3")
        finally:
            stop.set()

    def merge() -> None:
        for first, second in ((6, 7), (8, 9), (10, 11)):
            actions.merge_people(kept_id=people[first].pk, absorbed_id=people[second].pk, by=BY)

    at_once(save, rotating, rotating, merge)
    assert used() == {"new"}
    use(settings, "new")
    assert {pk: name for pk, name in names().items() if pk in saved} == saved
    for table in sealed_tables():
        for row in table.model._base_manager.all():
            for field in table.fields:
                getattr(row, field.attname)


def test_a_row_that_somebody_holds_keeps_nobody_waiting(people):
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Person.objects.select_for_update().get(pk=people[0].pk)
            held.set()
            # The others are under the new key while this one is still held.
            while count_old(table_of(Person)) > 1:
                assert not done.wait(0.05)

    def rotating() -> None:
        assert held.wait(10)
        rotate()
        done.set()

    at_once(hold, rotating)
    assert used() == {"new"}


def table_of(model: Any) -> Any:
    return next(table for table in sealed_tables() if table.model is model)


def test_an_interrupted_run_is_taken_up_where_it_was(people, monkeypatch):
    def dies(*arguments: Any) -> Any:
        if done:
            raise KeyboardInterrupt
        done.append(True)
        return write(*arguments)

    done: list[bool] = []
    write = resealing._reseal_rows
    monkeypatch.setattr(resealing, "_reseal_rows", dies)
    with pytest.raises(KeyboardInterrupt):
        rotate("--batch", "2")
    assert used() == {"old", "new"}
    before = names()
    monkeypatch.undo()
    rotate("--batch", "2")
    assert used() == {"new"}
    assert names() == before


def test_a_ring_that_lost_a_key_names_the_rows_and_changes_nothing(people, settings):
    use(settings, "new")
    before = list(Person.objects.order_by("pk").values_list("name", flat=True))
    out = io.StringIO()
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("rotate_field_keys", "--list", stdout=out, stderr=out, verbosity=0)
    assert "registrations_person.name: 12 values under key 'old'" in out.getvalue()
    assert all(str(person.pk) in out.getvalue() for person in people)
    assert list(Person.objects.order_by("pk").values_list("name", flat=True)) == before


def test_the_rest_can_be_rotated_although_a_key_is_lost(people, settings):
    use(settings, "third", "new")
    late = make_person(name="Late")
    use(settings, "fourth", "third", "new")
    with pytest.raises(CommandError, match="exactly as they are"):
        rotate("--skip-lost")
    assert used() == {"fourth", "old"}
    assert Person.objects.get(pk=late.pk).name == "Late"


def test_an_altered_value_is_told_and_never_written_over(people):
    pk = people[0].pk
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE registrations_person SET name = set_byte(name, length(name) - 1, "
            "get_byte(name, length(name) - 1) # 1) WHERE id = %s RETURNING name",
            [pk],
        )
        altered = bytes(cursor.fetchone()[0])
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 values do not open"):
        call_command("rotate_field_keys", stdout=out, stderr=out, verbosity=0)
    assert f"registrations_person.name of {pk} does not open" in out.getvalue()
    assert "key 'old': 1 values" in out.getvalue()
    assert "may be taken out" not in out.getvalue().lower()
    raw: Any = Person.objects.filter(pk=pk).values_list("name", flat=True).get()
    assert raw.raw == altered
    # Its other values moved on.
    assert Person.objects.get(pk=pk).document_number == "X0"


def test_notes_of_the_ledger_stay_readable_and_the_chain_whole(people, settings):
    person = people[0].pk
    entry = record(
        action="person.read", by=BY, purpose=Purpose.RIGHTS, subjects=[person], note="He asked"
    )
    seal_waiting()
    before = Entry.objects.filter(pk=entry.pk).values_list("note", flat=True).get()
    rotate()
    use(settings, "new")
    entry = Entry.objects.get(pk=entry.pk)
    assert read_note(entry, person) == "He asked"
    assert Entry.objects.filter(pk=entry.pk).values_list("note", flat=True).get() == before
    assert list(breaks()) == []
    assert NoteKey.objects.get().entry_id == entry.pk
    forget(person)
    with pytest.raises(NoteUnreadable):
        read_note(Entry.objects.get(pk=entry.pk), person)


def test_a_note_of_before_is_readable_and_its_key_is_kept(people, settings):
    from audit.notes import wrap
    from privacy.sealing import seal

    use(settings, "old")
    entry = Entry(actor_kind="system", action="person.read", purpose=Purpose.RIGHTS)
    held = wrap("From before", entry_id=entry.pk, salt=None)
    sealed: Any = seal(held, seal="audit.entry.note", pk=entry.pk, owner=None)
    entry.note = sealed
    entry.save(force_insert=True)
    use(settings, "new", "old")
    said = rotate()
    assert "1 notes of the ledger from before are sealed straight under key 'old'" in said
    assert "May be taken out" not in said
    assert read_note(Entry.objects.get(pk=entry.pk)) == "From before"


def test_another_secret_under_a_known_id_is_refused(people, settings):
    rotate()
    key = base64.b64encode(b"another secret of thirty-two by.").decode()
    settings.FIELD_KEYS = f"new:{key}"
    assert strange_keys() == [("FIELD_KEYS", "new")]
    with pytest.raises(CommandError, match="FIELD_KEYS: key 'new'"):
        rotate()
    out = io.StringIO()
    with pytest.raises(CommandError, match="E107"):
        call_command("check", databases=["default"], stdout=out, stderr=out)


def test_second_factors_come_along(settings, django_user_model):
    from allauth.mfa.models import Authenticator

    from accounts.second_factor import seal_secret
    from tests.factories.accounts import make_user

    use(settings, "old")
    user = make_user()
    Authenticator.objects.filter(user=user).delete()
    factor = Authenticator.objects.create(
        user=user, type="totp", data={"secret": seal_secret("JBSWY3DP")}
    )
    use(settings, "new", "old")
    assert "1 second factors were sealed anew" in rotate()
    use(settings, "new")
    factor.refresh_from_db()
    assert open_secret(factor.data["secret"]) == "JBSWY3DP"
    assert newest_header()
