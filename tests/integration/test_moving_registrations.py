"""All registrations leave one installation and arrive at another with other keys, unchanged."""

from __future__ import annotations

import base64
import datetime as dt
import io
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pyrage
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.actors import Actor
from audit.ledger import entries_about
from audit.models import Entry
from registrations import actions
from registrations.actions import importing
from registrations.actions.exporting import export_registrations
from registrations.actions.importing import check_document, import_registrations
from registrations.answers import CompanionAnswer, ContactAnswer, FamilyAnswer
from registrations.enums import GroupKind, Source
from registrations.exporting import tables
from registrations.exporting.document import KINDS, Refused, Summary, write_lines
from registrations.exporting.sealing import encrypt
from registrations.models import (
    Companion,
    Consent,
    ContactPoint,
    FamilyContact,
    FocalPoint,
    Group,
    Invitation,
    Merge,
    Person,
    PersonKey,
    Report,
    Stay,
    Verdict,
)
from registrations.people_standing import standing
from tests.factories.registrations import (
    country_stay,
    make_person,
    make_places,
    pin_stay,
    place_stay,
    today,
)

pytestmark = pytest.mark.django_db(transaction=True)

BY = Actor.system("tests")
GOLDEN = Path(__file__).parent.parent / "data" / "exports"
IDENTITY = pyrage.x25519.Identity.generate()
EVERYTHING = (
    Merge, Verdict, Invitation, PersonKey, Report, FocalPoint, Consent, Companion, FamilyContact,
    Stay, ContactPoint, Person, Group,
)  # fmt: skip


def export() -> bytes:
    target = io.BytesIO()
    export_registrations(to=target, recipients=[str(IDENTITY.to_public())], by=BY)
    return target.getvalue()


def lines_of(data: bytes) -> list[dict[str, Any]]:
    opened = pyrage.decrypt(data, [IDENTITY])
    return [json.loads(line) for line in opened.decode().split("\n") if line]


def take(data: bytes) -> importing.Imported:
    source = io.BytesIO(data)
    check_document(source, identities=[IDENTITY], on_header=lambda header: None)
    return import_registrations(source, identities=[IDENTITY], by=BY)


def sealed_again(lines: list[dict[str, Any]]) -> bytes:
    """A document of these lines, its trailer made right for them."""
    header, *items = [line for line in lines if line.get("kind") != "end"]
    target = io.BytesIO()
    written = write_lines(header, ((item.pop("kind"), item) for item in items), Summary())
    encrypt(written, to=target, recipients=[IDENTITY.to_public()])
    return target.getvalue()


def empty() -> None:
    for model in EVERYTHING:
        model._default_manager.all().delete()
    assert not Person.objects.exists()


@pytest.fixture
def other_keys(settings: Any) -> Callable[[], None]:
    """From when it is called, this is another installation: none of the former keys is known."""

    def change() -> None:
        settings.FIELD_KEYS = f"new:{base64.b64encode(os.urandom(32)).decode()}"
        settings.BLIND_INDEX_KEY = "another installation's own key of 32+"

    return change


@pytest.fixture
def portal() -> dict[str, Any]:
    """Some of everything that an export holds."""
    places = make_places()
    group = Group.objects.create(
        kind=GroupKind.SCHOOL, name="Liceo 7", organiser_name="Inés", organiser_mail="i@liceo.cl",
        organiser_index=b"\x01" * 32, language="es", stays=[{"kind": "trip"}],
        ends_on=today() + dt.timedelta(days=30),
    )  # fmt: skip
    ana = make_person(
        name="Ana Pérez 🙂 آنا\u2028",
        stays=(
            pin_stay(exact_address="12 Jhamsikhel Road", aboard_or_with="Himal Tours"),
            place_stay(places["Suva FJ"], kind="residence"),
            country_stay("CL"),
        ),
        contacts=(
            ContactAnswer("mail", "Ana@example.org", verified_at=timezone.now()),
            ContactAnswer("sms", "+34600123456", verified_at=timezone.now(), works_abroad=False),
        ),
        companions=(CompanionAnswer("Leo", True, "guardian", dt.date(2019, 5, 4)),),
        document_number="XDB123456",
        birth_date=dt.date(1990, 2, 28),
        gender="female",
        home_region="Valparaíso",
        needs="Insulin",
        consents=frozenset({"crisis_contact", "needs", "statistics"}),
    )
    actions.withdraw_consent(person_id=ana.pk, purpose="statistics", by=BY)
    shell = make_person(name="Anita Perez", document_number="XDB123456")
    olga, zoe = make_person(name="Olga Ruiz"), make_person(name="Zoe Ruiz", family=())
    FocalPoint.objects.create(
        person=ana, place=places["Suva FJ"], country="FJ", community="Parish", text_version="1"
    )
    Companion.objects.create(
        person=olga, name="Zoe", is_minor=False, consent="invited", text_version="1", invited=zoe
    )
    Report.objects.create(
        person=zoe, source=Source.COMPANION, named_by=olga, group=group, note="Said at the desk",
        reporter={"name": "Olga"},
    )  # fmt: skip
    FamilyContact.objects.create(
        person=olga, objected_at=timezone.now(), address_index=b"\x07" * 32
    )
    Invitation.objects.create(
        index=b"\x08" * 32, refused_at=timezone.now(), keep_until=today() + dt.timedelta(days=9)
    )
    merge = actions.merge_people(kept_id=ana.pk, absorbed_id=shell.pk, by=BY)
    verdict = actions.part_people(first_id=olga.pk, second_id=zoe.pk, by=BY)
    return {
        "ana": ana, "shell": shell, "olga": olga, "zoe": zoe, "group": group, "merge": merge,
        "verdict": verdict,
    }  # fmt: skip


def told(data: bytes) -> list[str]:
    """The document's lines but the header's moment and key, and the trailer's digest of them."""
    header, *items, trailer = lines_of(data)
    return [
        json.dumps(item, sort_keys=True)
        for item in (
            {**header, "created_at": "", "index_check": ""},
            *items,
            {**trailer, "sha256": ""},
        )
    ]


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


def test_a_cut_file_is_refused_wherever_it_was_cut(portal: dict[str, Any]) -> None:
    data = export()
    whole = pyrage.decrypt(data, [IDENTITY])
    empty()
    for length in range(0, len(data), 997):
        with pytest.raises(Refused):
            take(data[:length])
    # Cut before it was encrypted, at a line's end and inside one.
    ends = [match.end() for match in re.finditer(rb"\n", whole)]
    for end in (*ends[:-1], ends[0] + 5, len(whole) - 1):
        with pytest.raises(Refused):
            take(pyrage.encrypt(whole[:end], [IDENTITY.to_public()]))
    assert not Person.objects.exists()
    assert not Group.objects.exists()


def test_an_altered_file_is_refused(portal: dict[str, Any]) -> None:
    data = export()
    whole = pyrage.decrypt(data, [IDENTITY])
    empty()
    for altered in (
        whole.replace(b"Olga", b"Olge", 1),
        whole + b'{"kind":"verdict"}\n',
        whole.replace(b'"kind":"person"', b'"kind":"verdict"', 1),
    ):
        with pytest.raises(Refused):
            take(pyrage.encrypt(altered, [IDENTITY.to_public()]))
    flipped = bytearray(data)
    flipped[-100] ^= 1
    with pytest.raises(Refused):
        take(bytes(flipped))
    assert not Person.objects.exists()


@pytest.mark.parametrize("version", [2, 0, None, "1", [1]])
def test_an_unknown_version_is_refused_clearly(portal: dict[str, Any], version: Any) -> None:
    lines = lines_of(export())
    lines[0]["version"] = version
    empty()
    with pytest.raises(Refused, match="Update the portal first"):
        take(sealed_again(lines))


def test_a_file_for_another_key_and_no_file_at_all_are_refused(portal: dict[str, Any]) -> None:
    stranger = pyrage.x25519.Identity.generate()
    for data in (
        pyrage.encrypt(b"x", [stranger.to_public()]),
        b"",
        b"name,country\n",
        pyrage.encrypt(b"{}\n", [IDENTITY.to_public()]),
        pyrage.encrypt(b"x" * 100, [IDENTITY.to_public()]),
        pyrage.encrypt(b"", [IDENTITY.to_public()]),
    ):
        with pytest.raises(Refused):
            take(data)


def changed_person(lines: list[dict[str, Any]], person: Person) -> dict[str, Any]:
    return next(
        line
        for line in lines
        if line.get("kind") == "person" and line["row"]["id"] == str(person.pk)
    )


def _set(*path: Any, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(item: Any) -> None:
        *way, last = path
        for step in way:
            item = item[step]
        item[last] = to

    return change


def _contradict(item: dict[str, Any]) -> None:
    """A point on the map that is also only a country."""
    pin = next(stay for stay in item["stays"] if stay["precision"] == "pin")
    pin["precision"] = "country"


@pytest.mark.parametrize(
    "change",
    [
        _set("row", "name", to="x" * 301),
        _set("row", "name", to=""),
        _set("row", "name", to=None),
        _set("row", "name", to=["Ana"]),
        _set("row", "source", to="police"),
        _set("row", "language", to="tlh"),
        _set("row", "id", to="7"),
        _set("row", "birth_date", to="1990-02-31"),
        _set("row", "created_at", to="2026-01-01T00:00:00"),
        _set("row", "group_id", to="9b2f6d2c-0000-4000-8000-000000000000"),
        _set("row", "nationality", to="CL"),
        _set("cases", to=[]),
        _set("row", to=[]),
        _set("stays", 0, "ends_on", to="2001-01-01"),
        _set("stays", 0, "precision", to="somewhere"),
        _contradict,
        _set("stays", 0, "cell", to="not a number"),
        _set("stays", 0, "country", to="NPL"),
        _set("stays", 0, "kind", to="prison"),
        _set("stays", 0, "place_id", to=999),
        _set("stays", to={}),
        _set("contact_points", 0, "channel", to="fax"),
        _set("contact_points", 0, "address", to="ana@example.org, b@example.org"),
        _set("contact_points", 0, "address", to="0034 600"),
        _set("companions", 0, "is_minor", to=False),
        _set("companions", 0, "is_minor", to="yes"),
        _set("consents", 0, "purpose", to="anything"),
        _set("reports", to=[{"id": "9b2f6d2c-0000-4000-8000-000000000000", "source": "self\x00"}]),
        _set("focal_points", 0, "place_id", to=None),
    ],
)
def test_one_bad_row_is_refused_before_anything_is_written(
    portal: dict[str, Any], change: Callable[[dict[str, Any]], None]
) -> None:
    lines = lines_of(export())
    change(changed_person(lines, portal["ana"]))
    empty()
    with pytest.raises(Refused) as refusal:
        take(sealed_again(lines))
    assert not Person.objects.exists()
    # It says where, and shows nothing of anybody.
    for value in ("Ana", "police", "NPL", "prison", "999999", "x" * 20, "example.org"):
        assert value not in str(refusal.value)


def test_people_twice_and_out_of_order_are_refused(portal: dict[str, Any]) -> None:
    lines = lines_of(export())
    empty()
    people = [line for line in lines if line.get("kind") == "person"]
    others = [line for line in lines if line.get("kind") != "person"]
    at = 2
    for wrong in ([people[0], *people], people[::-1]):
        copies = json.loads(json.dumps([*others[:at], *wrong, *others[at:]]))
        with pytest.raises(Refused, match="twice or out of order"):
            take(sealed_again(copies))


def test_a_row_of_somebody_else_is_refused(portal: dict[str, Any]) -> None:
    """A document cannot take over what hangs on someone who is here already."""
    lines = lines_of(export())
    item = changed_person(lines, portal["ana"])
    Person.objects.filter(pk=portal["ana"].pk).delete()
    item["consents"][0]["id"] = str(Consent.objects.filter(person=portal["olga"])[0].pk)
    before = told(export())
    with pytest.raises(Refused, match="belongs to someone else"):
        take(sealed_again(lines))
    assert told(export()) == before


def test_what_an_older_portal_did_not_know_takes_its_default(portal: dict[str, Any]) -> None:
    lines = lines_of(export())
    item = changed_person(lines, portal["ana"])
    for point in item["contact_points"]:
        del point["works_abroad"]
    del item["focal_points"]
    empty()
    take(sealed_again(lines))
    assert all(ContactPoint.objects.values_list("works_abroad", flat=True))


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
    assert sorted(item.name for item in tmp_path.iterdir()) == ["key.txt"]
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
