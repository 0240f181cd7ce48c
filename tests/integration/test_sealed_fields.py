"""Sealed fields in the database: what stands in the table, and every way in and out of it."""

from __future__ import annotations

import base64
import datetime
import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce

from privacy.blind_index import blind_index
from privacy.fields import CannotOpen, PlaintextRefused, Sealed, open_value
from privacy.owners import OwnerMoved
from tests.factories.sealed_rows import Keeper, Letter

pytestmark = pytest.mark.django_db

BORN = datetime.date(1980, 2, 29)


@pytest.fixture(autouse=True)
def tables(db: None) -> None:
    with connection.schema_editor() as editor:
        editor.create_model(Keeper)
        editor.create_model(Letter)
    # Deferred foreign keys would otherwise keep the test's transaction from changing the tables.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.fixture
def keeper() -> Keeper:
    return Keeper.objects.create()


@pytest.fixture
def letter(keeper: Keeper) -> Letter:
    Letter.objects.create(
        keeper=keeper, text="Calle Real 5", data={"a": [1, None]}, day=BORN, remark="red door"
    )
    return Letter.objects.get()


def raw(pk: uuid.UUID, column: str = "text") -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM sealed_rows_letter WHERE id = %s", [pk])
        return bytes(cursor.fetchone()[0])


def put_raw(pk: uuid.UUID, value: bytes | None, column: str = "text") -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE sealed_rows_letter SET {column} = %s WHERE id = %s", [value, pk])


def use_keys(settings: Any, *numbers: int) -> None:
    settings.FIELD_KEYS = ",".join(
        f"k{n}:{base64.b64encode(bytes([n]) * 32).decode()}" for n in numbers
    )


def test_values_come_back_as_they_were_and_stand_sealed_in_the_table(letter):
    assert (letter.text, letter.remark) == ("Calle Real 5", "red door")
    assert (letter.data, letter.day) == ({"a": [1, None]}, BORN)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text || data || day || remark FROM sealed_rows_letter")
        everything = bytes(cursor.fetchone()[0])
    for plain in (b"Calle", b"1980", b"null", b"red"):
        assert plain not in everything


def test_missing_values_stay_missing(keeper):
    pk = Letter.objects.create(keeper=keeper).pk
    assert Letter.objects.filter(data__isnull=True, day__isnull=True, text__isnull=False).exists()
    found = Letter.objects.get(pk=pk)
    assert (found.text, found.data, found.day, found.remark) == ("", None, None, None)
    found.text, found.day = "new", BORN
    found.save()
    assert Letter.objects.filter(day__isnull=False).get().text == "new"


def test_a_json_null_is_no_value(keeper):
    assert Letter.objects.create(keeper=keeper, data=None).data is None
    assert Letter.objects.filter(data__isnull=True).count() == 1


def test_a_change_inside_a_json_value_is_saved(letter):
    letter.data["a"].append("more")
    letter.save()
    assert Letter.objects.get().data == {"a": [1, None, "more"]}


def test_saving_twice_and_saving_unread_corrupts_nothing(letter):
    before = raw(letter.pk)
    letter.topic = "changed"
    letter.save()
    assert raw(letter.pk) == before, "a value that nobody read needs no new seal"
    letter.text = "Calle Real 6"
    letter.save()
    letter.save()
    letter.refresh_from_db()
    assert letter.text == "Calle Real 6"
    assert raw(letter.pk) != before
    assert Letter.objects.get().data == {"a": [1, None]}


def test_update_fields_writes_only_what_it_names(letter):
    before = raw(letter.pk, "remark")
    letter.text, letter.remark = "Calle Real 6", "blue door"
    letter.save(update_fields=["text"])
    assert raw(letter.pk, "remark") == before
    found = Letter.objects.get()
    assert (found.text, found.remark) == ("Calle Real 6", "red door")


def test_refresh_brings_back_what_the_table_holds(letter):
    letter.text, letter.remark = "unsaved", "unsaved"
    letter.refresh_from_db(fields=["text"])
    assert (letter.text, letter.remark) == ("Calle Real 5", "unsaved")
    letter.refresh_from_db()
    assert letter.remark == "red door"


def test_deferred_fields_open_when_asked_for(letter, django_assert_num_queries):
    deferred = Letter.objects.defer("text", "day").get()
    with django_assert_num_queries(2):
        assert (deferred.text, deferred.day) == ("Calle Real 5", BORN)
    only = Letter.objects.only("text", "keeper").get()
    with django_assert_num_queries(0):
        assert only.text == "Calle Real 5"
    assert Letter.objects.only("text").get().text == "Calle Real 5"


def test_a_row_saved_with_deferred_fields_keeps_them(letter):
    partly = Letter.objects.defer("text", "data").get()
    partly.topic = "changed"
    partly.save()
    found = Letter.objects.get()
    assert (found.topic, found.text, found.data) == ("changed", "Calle Real 5", {"a": [1, None]})


def test_related_rows_open(letter):
    joined = Letter.objects.select_related("keeper").get()
    assert joined.text == "Calle Real 5"
    assert joined.keeper.letter_set.get().text == "Calle Real 5"


def test_bulk_create_seals(keeper):
    Letter.objects.bulk_create(
        Letter(keeper=keeper, topic=str(n), text=f"Calle {n}", day=BORN) for n in range(50)
    )
    assert {row.text for row in Letter.objects.all()} == {f"Calle {n}" for n in range(50)}
    assert b"Calle" not in raw(Letter.objects.get(topic="7").pk)


def test_get_or_create_and_update_or_create_seal_their_defaults(keeper):
    made, created = Letter.objects.get_or_create(
        topic="once", keeper=keeper, defaults={"text": "Calle Real 5"}
    )
    again, created_again = Letter.objects.get_or_create(
        topic="once", keeper=keeper, defaults={"text": "other"}
    )
    assert (created, created_again) == (True, False)
    assert (again, again.text) == (made, "Calle Real 5")
    Letter.objects.update_or_create(topic="once", keeper=keeper, defaults={"text": "Calle 6"})
    assert Letter.objects.get().text == "Calle 6"


def test_update_and_bulk_update_cannot_write_plaintext(letter):
    before = raw(letter.pk)
    letter.text = "Calle Real 6"
    writes = (
        lambda: Letter.objects.update(text="Calle Real 6"),
        lambda: Letter.objects.update(text=Value("Calle Real 6")),
        lambda: Letter.objects.update(text=Value("Calle 6", output_field=letter._meta.fields[3])),
        lambda: Letter.objects.update(text=Coalesce("text", Value("Calle Real 6"))),
        lambda: Letter.objects.update(
            text=Case(When(topic="", then=Value("Calle", output_field=letter._meta.fields[3])))
        ),
        lambda: Letter.objects.update(day=BORN),
        lambda: Letter.objects.update(data={"a": 1}),
        lambda: Letter.objects.bulk_update([letter], ["text"]),
        lambda: Letter.objects.update(text=F("topic")),
        lambda: Letter.objects.update(remark=F("text")),
        lambda: Letter.objects.create(keeper=letter.keeper, text=Value("Calle Real 6")),
    )
    for write in writes:
        with pytest.raises(PlaintextRefused), transaction.atomic():
            write()
    assert raw(letter.pk) == before
    assert Letter.objects.count() == 1


def test_an_upsert_seals(letter):
    letter.text = "Calle Real 6"
    Letter.objects.bulk_create(
        [letter], update_conflicts=True, update_fields=["text"], unique_fields=["id"]
    )
    assert Letter.objects.get().text == "Calle Real 6"


def test_update_may_empty_a_field_and_write_what_is_sealed(letter):
    assert Letter.objects.update(remark=None) == 1
    assert Letter.objects.get().remark is None
    sealed = Letter.objects.values_list("text", flat=True).get()
    letter.text = "Calle Real 6"
    letter.save()
    Letter.objects.update(text=sealed)
    assert Letter.objects.get().text == "Calle Real 5"


def test_a_field_copied_to_another_field_does_not_open(letter):
    Letter.objects.update(remark=Letter.objects.values_list("text", flat=True).get())
    with pytest.raises(CannotOpen):
        _ = Letter.objects.get().remark


def test_values_are_raw_and_open_with_their_row_s_keys(letter):
    rows = list(Letter.objects.values_list("pk", "keeper_id", "text", "day"))
    for pk, owner, text, day in rows:
        assert isinstance(text, Sealed)
        assert "Calle" not in f"{text} {text!r}"
        assert open_value(Letter, "text", text, pk=pk, owner=owner) == "Calle Real 5"
        assert open_value(Letter, "day", day, pk=pk, owner=owner) == BORN
    assert isinstance(Letter.objects.values("data").get()["data"], Sealed)
    assert isinstance(Letter.objects.values(again=F("text")).get()["again"], Sealed)


def test_a_value_moved_to_another_row_is_never_shown(letter, keeper):
    twin = Letter.objects.create(keeper=keeper, text="Avenida 1")
    put_raw(twin.pk, raw(letter.pk))
    with pytest.raises(CannotOpen) as error:
        _ = Letter.objects.get(pk=twin.pk).text
    assert "Calle" not in str(error.value)


def test_a_row_given_to_another_owner_in_the_table_is_never_shown(letter):
    Letter.objects.update(keeper=Keeper.objects.create())
    found = Letter.objects.get()
    for name in ("text", "data", "day"):
        with pytest.raises(CannotOpen):
            getattr(found, name)
    assert found.remark == "red door"
    # Saving the row does not write the unreadable values under the new owner either.
    with pytest.raises(CannotOpen), transaction.atomic():
        found.save()


def test_the_owner_does_not_move_without_what_is_sealed_for_it(letter):
    other = Keeper.objects.create()
    letter.keeper = other
    with pytest.raises(OwnerMoved, match=r"sealed_rows\.Letter"), transaction.atomic():
        letter.save(update_fields=["keeper"])
    with pytest.raises(CannotOpen), transaction.atomic():
        letter.save()
    partly = Letter.objects.defer("text").get()
    partly.data, partly.day = {}, BORN
    partly.keeper = other
    with pytest.raises(OwnerMoved), transaction.atomic():
        partly.save()
    assert Letter.objects.get().text == "Calle Real 5"


def test_the_owner_moves_with_values_opened_first(letter):
    other = Keeper.objects.create()
    opened = (letter.text, letter.data, letter.day)
    letter.keeper = other
    letter.save()
    found = Letter.objects.get()
    assert found.keeper_id == other.pk
    assert (found.text, found.data, found.day) == opened


def test_the_owner_moves_freely_where_nothing_is_sealed_for_it(letter, keeper):
    Letter.objects.update(data=None, day=None)
    bare = Letter.objects.get()
    _ = bare.text
    bare.keeper = Keeper.objects.create()
    bare.save(update_fields=["keeper", "text"])
    assert Letter.objects.get().text == "Calle Real 5"


def test_a_row_copied_under_a_new_key_is_sealed_anew_once_read(letter):
    unread = Letter.objects.get()
    _ = (letter.text, letter.data, letter.day, letter.remark)
    letter.pk = uuid.uuid4()
    letter._state.adding = True
    letter.save()
    assert Letter.objects.get(pk=letter.pk).text == "Calle Real 5"
    unread.pk = uuid.uuid4()
    unread._state.adding = True
    with pytest.raises(CannotOpen), transaction.atomic():
        unread.save()


@pytest.mark.parametrize(
    "value", [b"", b"Calle Real 5", b"\x01\x01" + b"1" + bytes(40), b"\x00", bytes(100)]
)
def test_what_does_not_open_raises_and_is_not_saved_over(letter, value):
    put_raw(letter.pk, value)
    found = Letter.objects.get()
    with pytest.raises(CannotOpen) as error:
        _ = found.text
    assert "Calle" not in str(error.value)
    assert found.topic == ""
    with pytest.raises(CannotOpen), transaction.atomic():
        found.save()
    assert raw(letter.pk) == value


def test_keys_rotate_and_a_lost_one_is_named(letter, settings):
    use_keys(settings, 1)
    letter.text = "first"
    letter.data = letter.day = letter.remark = None
    letter.save()
    use_keys(settings, 2, 1)
    unread = Letter.objects.get()
    unread.save()
    assert Letter.objects.values_list("text", flat=True).get().key_id == "k2"
    use_keys(settings, 2)
    assert Letter.objects.get().text == "first"
    use_keys(settings, 3)
    with pytest.raises(CannotOpen, match="'k2'"):
        _ = Letter.objects.get().text


def test_full_clean_sees_the_opened_value_and_constraints_see_that_there_is_one(letter):
    letter.topic = "signed"
    letter.full_clean(exclude={"keeper"})
    letter.remark = None
    with pytest.raises(ValidationError, match="letter_signed_has_remark"):
        letter.full_clean(exclude={"keeper"})
    letter.remark, letter.text = "red", "x" * 201
    with pytest.raises(ValidationError) as error:
        letter.full_clean(exclude={"keeper"})
    assert set(error.value.error_dict) == {"text"}


def test_a_blind_index_finds_its_row(letter, keeper):
    index = blind_index("tests.letter.text", "calle real 5")
    letter.text_index = index
    letter.save()
    other = blind_index("tests.letter.text", "avenida 1")
    Letter.objects.create(keeper=keeper, text="Avenida 1", text_index=other)
    assert Letter.objects.get(text_index=index) == letter
    assert Letter.objects.filter(text_index__in=[index, other]).count() == 2
    assert Letter.objects.filter(text_index=None).count() == 0
    assert Letter.objects.get(pk=letter.pk).text_index == index
    assert Letter.objects.update(text_index=None) == 2
