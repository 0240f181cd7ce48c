"""Sealed fields without a database: migrations, forms, checks, lookups."""

from __future__ import annotations

import copy
import datetime
import uuid
from typing import Any

import pytest
from django import forms
from django.apps.registry import Apps
from django.core import serializers
from django.core.exceptions import FieldError, ImproperlyConfigured, ValidationError
from django.db import connection, models
from django.db.migrations.writer import MigrationWriter
from django.utils.module_loading import import_string

from privacy.blind_index import BlindIndexField
from privacy.checks import check_keys, check_seal_ids
from privacy.fields import (
    CannotOpen,
    PlaintextRefused,
    Sealed,
    SealedDateField,
    SealedJSONField,
    SealedTextField,
    open_value,
)
from registrations.models import Group
from tests.factories.sealed_rows import Keeper, Letter


def field_of(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)


TEXT = field_of(Letter, "text")


def sealed_text(letter: Letter) -> Any:
    return TEXT.pre_save(letter, add=True)


@pytest.mark.parametrize("name", ["text", "data", "day", "text_index"])
def test_a_migration_names_the_field_by_a_stable_path_and_holds_no_key(name, settings):
    field = field_of(Letter, name)
    _, path, args, kwargs = field.deconstruct()
    assert path in {
        "privacy.fields.SealedTextField",
        "privacy.fields.SealedJSONField",
        "privacy.fields.SealedDateField",
        "privacy.blind_index.BlindIndexField",
    }
    again = import_string(path)(*args, **kwargs)
    assert again.deconstruct()[1:] == field.deconstruct()[1:]
    written, _ = MigrationWriter.serialize(field)
    assert settings.FIELD_KEYS.split(":")[1] not in written
    assert settings.SECRET_KEY not in written


@pytest.mark.parametrize("name", ["text", "data", "day", "remark"])
def test_a_field_clones_whole_and_is_kept_as_bytes(name):
    field = field_of(Letter, name)
    clone = field.clone()
    assert type(clone) is type(field)
    assert (clone.seal_id, clone.owner) == (field.seal_id, field.owner)
    assert field.db_type(connection) == "bytea"
    assert copy.deepcopy(field) == field


def test_what_was_loaded_opens_on_first_access_only():
    letter = Letter(keeper_id=uuid.uuid4(), text="Calle Real 5")
    letter.text = sealed_text(letter)
    assert isinstance(letter.__dict__["text"], Sealed)
    assert letter.text == "Calle Real 5"
    assert letter.__dict__["text"] == "Calle Real 5"


def test_a_copied_row_opens_and_a_row_under_another_key_does_not():
    name = field_of(Group, "name")
    group = Group(name="Calle Real 5")
    group.name = name.pre_save(group, add=True)
    assert copy.deepcopy(group).name == "Calle Real 5"
    other = copy.copy(group)
    other.pk = uuid.uuid4()
    with pytest.raises(CannotOpen):
        _ = other.name
    with pytest.raises(CannotOpen):
        name.pre_save(other, add=True)


def test_keys_written_as_text_bind_like_keys():
    keeper, pk = uuid.uuid4(), uuid.uuid4()
    sealed = sealed_text(Letter(pk=str(pk), keeper_id=str(keeper), text="x"))
    assert open_value(Letter, "text", sealed, pk=pk, owner=keeper) == "x"
    assert open_value(Letter, "text", sealed.raw, pk=str(pk), owner=str(keeper)) == "x"
    assert open_value(Letter, "text", memoryview(sealed.raw), pk=pk, owner=keeper) == "x"
    assert open_value(Letter, "text", None, pk=pk, owner=keeper) is None
    with pytest.raises(CannotOpen):
        open_value(Letter, "text", sealed, pk=pk)


def test_a_row_without_a_key_seals_nothing():
    with pytest.raises(ValueError, match="needs one first"):
        TEXT.pre_save(Letter(pk=None, keeper_id=uuid.uuid4(), text="x"), add=True)


def test_none_stays_none_and_empty_is_sealed():
    letter = Letter(keeper_id=uuid.uuid4())
    assert field_of(Letter, "remark").pre_save(letter, add=True) is None
    assert letter.text == ""
    assert (
        open_value(Letter, "text", sealed_text(letter), pk=letter.pk, owner=letter.keeper_id) == ""
    )


def test_dates_are_dates_and_a_text_that_is_none_is_refused_unseen():
    day = field_of(Letter, "day")
    letter = Letter(keeper_id=uuid.uuid4(), day="1980-02-29")
    sealed = day.pre_save(letter, add=True)
    bound: dict[str, Any] = {"pk": letter.pk, "owner": letter.keeper_id}
    assert open_value(Letter, "day", sealed, **bound) == datetime.date(1980, 2, 29)
    letter.day = datetime.datetime(1980, 2, 29, 12, tzinfo=datetime.UTC)
    sealed = day.pre_save(letter, add=True)
    assert open_value(Letter, "day", sealed, **bound) == datetime.date(1980, 2, 29)
    letter.day = "born in Lima"
    with pytest.raises(ValueError, match="no date") as error:
        day.pre_save(letter, add=True)
    assert "Lima" not in str(error.value)
    assert error.value.__cause__ is None


def test_plaintext_is_refused_on_its_way_to_the_database():
    for value in ("Calle Real 5", b"Calle Real 5", memoryview(b"Calle")):
        with pytest.raises(PlaintextRefused) as error:
            TEXT.get_db_prep_save(value, connection)
        assert "Calle" not in str(error.value)
    assert TEXT.get_db_prep_save(None, connection) is None


@pytest.mark.parametrize("lookup", ["exact", "iexact", "contains", "in", "gt", "regex", "year"])
@pytest.mark.parametrize("name", ["text", "data", "day"])
def test_only_isnull_can_be_looked_up(name, lookup):
    value = ["x"] if lookup == "in" else "x"
    with pytest.raises(FieldError):
        str(Letter.objects.filter(**{f"{name}__{lookup}": value}).query)
    str(Letter.objects.filter(**{f"{name}__isnull": True}).query)


@pytest.mark.parametrize("lookup", ["gt", "contains", "startswith"])
def test_a_blind_index_is_looked_up_by_equality_only(lookup):
    with pytest.raises(FieldError):
        str(Letter.objects.filter(**{f"text_index__{lookup}": b"x"}).query)


def test_a_blind_index_has_32_bytes():
    with pytest.raises(ValueError, match="32"):
        BlindIndexField().get_db_prep_value(b"short", connection)


def test_full_clean_checks_the_opened_value():
    letter = Letter(keeper=Keeper(), text="x" * 201)
    letter.text = sealed_text(letter)
    with pytest.raises(ValidationError) as error:
        letter.clean_fields(exclude={"keeper", "topic"})
    assert set(error.value.error_dict) == {"text"}


def test_form_fields_are_those_of_the_plain_type():
    assert TEXT.formfield().max_length == 200
    assert isinstance(field_of(Letter, "day").formfield(), forms.DateField)
    assert isinstance(field_of(Letter, "data").formfield(), forms.JSONField)


def test_serializers_carry_nothing_sealed():
    letter = Letter(keeper_id=uuid.uuid4(), text="Calle", data=[], day=datetime.date(1980, 2, 29))
    letter._state.adding = False
    for name in ("text", "day", "data"):
        with pytest.raises(PlaintextRefused):
            serializers.serialize("json", [letter], fields=[name])


def build(**attributes: Any) -> type[models.Model]:
    class Meta:
        apps = Apps()
        app_label = "sealed_rows"

    given = {"id": models.UUIDField(primary_key=True, default=uuid.uuid4)} | attributes
    return type("Built", (models.Model,), {"Meta": Meta, "__module__": __name__} | given)


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"text": SealedTextField()}, "privacy.E101"),
        ({"id": models.BigAutoField(primary_key=True), "text": SealedTextField(seal="s")}, "E102"),
        ({"id": models.UUIDField(primary_key=True), "text": SealedTextField(seal="s")}, "E102"),
        ({"text": SealedTextField(seal="s", owner="person_id")}, "privacy.E103"),
        ({"text": SealedTextField(seal="s", db_index=True)}, "privacy.E104"),
        ({"text": SealedDateField(seal="s", unique=True)}, "privacy.E104"),
    ],
)
def test_a_field_declared_wrong_is_told_at_start(attributes, code):
    model = build(**attributes)
    assert any(error.id.endswith(code) for error in field_of(model, "text").check())


def test_a_field_declared_right_passes_the_checks():
    model = build(text=SealedTextField(seal="s"), data=SealedJSONField(seal="t", default=dict))
    assert model.check() == []
    for field in Letter._meta.concrete_fields:
        assert field.is_relation or field.check() == []


def test_a_seal_id_is_never_used_twice(monkeypatch):
    monkeypatch.setattr("privacy.checks.apps.get_models", lambda: [Letter])
    assert check_seal_ids(None) == []
    twin = build(text=SealedTextField(seal="tests.letter.text"))
    monkeypatch.setattr("privacy.checks.apps.get_models", lambda: [Letter, twin])
    assert [error.id for error in check_seal_ids(None)] == ["privacy.E105"]


def test_the_portal_s_own_seal_ids_are_unique():
    assert check_seal_ids(None) == []


def test_keys_that_cannot_be_read_are_told_at_start(settings):
    assert check_keys(None) == []
    settings.FIELD_KEYS = "nothing"
    settings.LINK_KEY = settings.BLIND_INDEX_KEY = "short"
    assert [error.id for error in check_keys(None)] == ["privacy.E106"] * 3
    with pytest.raises(ImproperlyConfigured):
        sealed_text(Letter(keeper_id=uuid.uuid4(), text="x"))
