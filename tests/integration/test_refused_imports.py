"""Documents that are cut, altered, of another version or wrong in one row are not taken."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pyrage
import pytest

from registrations.exporting.document import Refused
from registrations.models import (
    Consent,
    ContactPoint,
    Group,
    Person,
)
from tests.factories.exports import (
    IDENTITY,
    changed_person,
    empty,
    export,
    lines_of,
    make_portal,
    sealed_again,
    take,
    told,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def portal() -> dict[str, Any]:
    return make_portal()


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
    # Also where nothing stands behind the people: the database's own words show the row.
    people_only = [line for line in lines if line.get("kind", "end") in {"group", "person", "end"}]
    for document in (lines, people_only):
        with pytest.raises(Refused, match="belongs to someone else"):
            take(sealed_again(json.loads(json.dumps(document))))
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
