"""All registrations leave one installation and arrive at another with other keys, unchanged."""

from __future__ import annotations

import base64
import io
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.ledger import entries_about
from audit.models import Entry
from registrations import actions
from registrations.actions import importing
from registrations.answers import ContactAnswer, FamilyAnswer
from registrations.exporting import tables
from registrations.exporting.document import KINDS
from registrations.models import (
    Companion,
    FamilyContact,
    Group,
    Invitation,
    Person,
    PersonKey,
    Stay,
)
from registrations.people_standing import standing
from tests.factories.exports import (
    BY,
    IDENTITY,
    changed_person,
    empty,
    export,
    lines_of,
    make_portal,
    take,
    told,
)
from tests.factories.registrations import (
    make_person,
    make_places,
)

pytestmark = pytest.mark.django_db(transaction=True)

GOLDEN = Path(__file__).parent.parent / "data" / "exports"


@pytest.fixture
def portal() -> dict[str, Any]:
    return make_portal()


@pytest.fixture
def other_keys(settings: Any) -> Callable[[], None]:
    """From when it is called, this is another installation: none of the former keys is known."""

    def change() -> None:
        settings.FIELD_KEYS = f"new:{base64.b64encode(os.urandom(32)).decode()}"
        settings.BLIND_INDEX_KEY = "another installation's own key of 32+"

    return change


def test_everything_arrives_under_other_keys(
    portal: dict[str, Any], other_keys: Callable[[], None]
) -> None:
    first = export()
    empty()
    other_keys()
    imported = take(first)
    assert (imported.people, imported.here_already) == (4, 0)
    again = told(export())
    # Without the former key nobody can tell who it was that refused.
    gone = [line for line in told(first) if '"kind": "invitation"' in line]
    assert len(gone) == 1
    expected = [
        re.sub(r'"objected_index": "\w+", ', "", line) for line in told(first) if line not in gone
    ]
    assert again[:-1] == expected[:-1]
    # And all of it is found again under the new ones.
    ana = Person.objects.get(pk=portal["ana"].pk)
    assert ana.name == "Ana Pérez 🙂 آنا\u2028"
    assert standing(portal["shell"].pk) == ana.pk
    assert Companion.objects.get(name__isnull=False, invited=portal["zoe"]).person == portal["olga"]
    assert Group.objects.get().organiser_index != b"\x01" * 32
    third = make_person(name="Anita Perez", document_number="XDB-123456")
    from registrations.duplicates import candidates
    from tests.factories.accounts import make_coordinator

    pairs = candidates(make_coordinator()).pairs
    assert {ana.pk, third.pk} in [{pair.first_id, pair.second_id} for pair in pairs]
    actions.undo_merge(merge_id=portal["merge"].pk, by=BY)
    assert Stay.objects.filter(person=portal["shell"].pk).count() == 1


def test_with_the_same_key_refusals_come_along(portal: dict[str, Any]) -> None:
    first = export()
    empty()
    take(first)
    assert told(export()) == told(first)
    assert Invitation.objects.get().index == b"\x08" * 32
    objected = FamilyContact.objects.get(objected_at__isnull=False)
    assert objected.address_index == b"\x07" * 32


def test_the_keys_of_people_are_made_again_alike(portal: dict[str, Any]) -> None:
    def keys() -> list[Any]:
        found = PersonKey.objects.order_by("person", "kind", "index")
        return list(found.values_list("person", "kind", "index"))

    before, first = keys(), export()
    empty()
    take(first)
    assert keys() == before


def test_taking_it_twice_changes_nothing(portal: dict[str, Any]) -> None:
    first = export()
    empty()
    take(first)
    changed = Person.objects.get(pk=portal["ana"].pk)
    changed.name = "Ana Changed"
    changed.save()
    actions.undo_merge(merge_id=portal["merge"].pk, by=BY)
    after = told(export())
    imported = take(first)
    assert (imported.people, imported.here_already) == (0, 4)
    assert not any(imported.other.values())
    assert told(export()) == after


def test_an_import_broken_off_is_taken_up_again(
    portal: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = export()
    empty()
    monkeypatch.setattr(importing, "_AT_ONCE", 1)
    plain = importing._Loader._save

    def broken(self: Any, people: list[Any]) -> None:
        if Person.objects.count() == 2:
            plain(self, people)
            raise ConnectionError("The line went dead")
        plain(self, people)

    with monkeypatch.context() as patch:
        patch.setattr(importing._Loader, "_save", broken)
        with pytest.raises(ConnectionError):
            take(first)
    # The third, half done, left nothing.
    assert Person.objects.count() == 2
    assert set(Stay.objects.values_list("person_id", flat=True)) <= set(
        Person.objects.values_list("pk", flat=True)
    )
    imported = take(first)
    assert (imported.people, imported.here_already) == (2, 2)
    assert told(export()) == told(first)


def test_both_stand_in_the_ledger_about_everyone(portal: dict[str, Any]) -> None:
    first = export()
    entry = Entry.objects.get(action="registration.export")
    assert entry.details["person"] == 4
    assert entry.details["sha256"] == lines_of(first)[-1]["sha256"]
    assert entry in entries_about(portal["olga"].pk)
    empty()
    take(first)
    entry = Entry.objects.get(action="registration.import")
    assert entry.details == {"people": 4}
    assert entry in entries_about(portal["zoe"].pk)


def test_every_table_is_exported_or_left_out_by_name() -> None:
    exported = {
        table.model.__name__
        for table in (
            tables.GROUP, tables.PERSON, tables.INVITATION, tables.MERGE, tables.VERDICT,
            *tables.CHILDREN.values(),
        )
    }  # fmt: skip
    ours = {model.__name__ for model in apps.get_app_config("registrations").get_models()}
    assert exported | tables.LEFT_OUT == ours
    assert not exported & tables.LEFT_OUT
    for table in (tables.PERSON, *tables.CHILDREN.values()):
        names = {column.attname for column in table.model._meta.concrete_fields}
        assert table.left_out <= names
        assert set(table.indexed) <= names


@pytest.mark.parametrize("version", sorted(tables.READABLE))
def test_every_version_ever_written_is_still_read(version: int) -> None:
    """The file is never made again: it is what an installation of that version wrote."""
    make_places()
    call_command(
        "import_registrations",
        GOLDEN / f"version-{version}.age",
        identity=GOLDEN / "throwaway-identity.txt",
        stdout=io.StringIO(),
    )
    expected = json.loads((GOLDEN / f"version-{version}.json").read_text())
    found = lines_of(export())
    for line in expected:
        if line.get("kind") == "person":
            now = changed_person(found, Person(pk=UUID(line["row"]["id"])))
            assert line["row"].items() <= now["row"].items()
            for name in tables.CHILDREN:
                for old, new in zip(line[name], now[name], strict=True):
                    old.pop("objected_index", None)
                    assert old.items() <= new.items()
        elif line.get("kind") in {"group", "merge", "verdict"}:
            assert any(
                line["row"].items() <= item["row"].items()
                for item in found
                if item.get("kind") == line["kind"]
            )
        elif line.get("kind") == "tie":
            assert line in found


# The commands.


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key.txt"
    path.write_text(f"# created: today\n# public key: {IDENTITY.to_public()}\n{IDENTITY}\n")
    return path


def run(*arguments: Any, **options: Any) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=out, **options)
    return out.getvalue()


def test_from_file_to_file(
    portal: dict[str, Any], tmp_path: Path, key_file: Path, other_keys: Callable[[], None]
) -> None:
    path = tmp_path / "all.age"
    recipient = ["--recipient", str(IDENTITY.to_public())]
    said = run("export_registrations", path, *recipient, *recipient)
    assert "4 people, 1 groups, 1 merges." in said
    assert path.stat().st_mode & 0o777 == 0o600
    digest = re.findall(r"\b[0-9a-f]{64}\b", said)[0]
    assert b"Ana" not in path.read_bytes()
    empty()
    other_keys()
    said = run("import_registrations", path, identity=key_file, check=True)
    assert "4 people can be taken. Nothing was written." in said
    assert not Person.objects.exists()
    with pytest.raises(CommandError, match="not the file whose digest"):
        run("import_registrations", path, identity=key_file, digest="0" * 64)
    assert not Person.objects.exists()
    said = run("import_registrations", path, identity=key_file, digest=digest)
    assert "4 people taken; 0 were here already" in said
    assert "0 people taken; 4 were here already" in run(
        "import_registrations", path, identity=key_file
    )


def test_no_file_is_written_over_and_none_is_left_half_done(
    portal: dict[str, Any], tmp_path: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "all.age"
    recipient = ["--recipient", str(IDENTITY.to_public())]
    with pytest.raises(CommandError, match="age public key"):
        run("export_registrations", path, "--recipient", "age1nonsense")
    with pytest.raises(CommandError, match="No such file"):
        run("export_registrations", tmp_path / "nowhere" / "x", *recipient)

    def broken(*args: Any, **kwargs: Any) -> Iterator[Any]:
        raise ConnectionError("The disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("registrations.actions.exporting._ties", broken)
        with pytest.raises(ConnectionError):
            run("export_registrations", path, *recipient)
    # Nothing left the portal, so nothing is in the ledger.
    assert not Entry.objects.filter(action="registration.export").exists()
    left = {item.name for item in tmp_path.iterdir()} - {settings.JOURNAL_DIR.name}
    assert left == {"key.txt"}
    run("export_registrations", path, *recipient)
    with pytest.raises(CommandError, match="exists already"):
        run("export_registrations", path, *recipient)
    with pytest.raises(CommandError, match="No such file"):
        run("import_registrations", path, identity=tmp_path / "none")
    (tmp_path / "empty").write_text("# nothing\n")
    with pytest.raises(CommandError, match="no age identity"):
        run("import_registrations", path, identity=tmp_path / "empty")


def test_the_kinds_stand_in_an_order_that_can_be_taken() -> None:
    assert KINDS.index("group") < KINDS.index("person") < KINDS.index("tie")
    assert KINDS.index("person") < KINDS.index("merge")


def test_some_hundred_people_in_batches_of_less(other_keys: Callable[[], None]) -> None:
    """More than one batch on both sides, and lines that end anywhere in a block."""
    for number in range(420):
        make_person(
            name=f"Nora {number} Quist",
            contacts=(ContactAnswer("mail", f"n{number}@example.org", verified_at=timezone.now()),),
            family=(FamilyAnswer(name="Ö" * (number % 300 + 1), phone="+34911234567"),),
        )
    first = export()
    empty()
    other_keys()
    assert take(first).people == 420
    assert told(export())[:-1] == told(first)[:-1]
