"""Any file gives an alert or a message, never another exception: files spoilt at random."""

from __future__ import annotations

import contextlib
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crises.alert_files import AlertFileError, read_file
from tests.factories.shapes import WRITTEN, kmz

JSON_FILES = [
    "shapes.geojson",
    "usgs-event.json",
    "usgs-feed.json",
    "shakemap-cont_mmi.json",
]
FILES = {name: (WRITTEN / name).read_bytes() for name in [*JSON_FILES, "shapes.kml"]}
FILES["shapes.kmz"] = kmz(("doc.kml", FILES["shapes.kml"]))

# What a member may be replaced by.
ODD: list[Any] = [
    None,
    True,
    -1,
    1e400,
    1e308,
    "",
    "x",
    "\ud800",
    [],
    {},
    [[]],
    [[[]]],
    [1, 2],
    "7",
]


def use(data: bytes) -> None:
    """Read it and all that a page asks of it; a message is as good as an alert."""
    with contextlib.suppress(AlertFileError):
        found = read_file(data)
        assert found.alerts
        for alert in found.alerts:
            json.dumps(alert.facts(), ensure_ascii=False).encode()
            for part in alert.parts:
                words = [part.name, part.element, *part.remarks]
                "".join(words).encode()
                assert "\x00" not in "".join(words)
                assert part.line >= 1
                assert part.understood or part.remarks
                assert all(polygon.is_valid for polygon in part.polygons)
            alert.area()


@pytest.mark.parametrize("name", FILES)
@settings(deadline=None, max_examples=80)
@given(st.randoms(use_true_random=False))
def test_bytes_changed_lost_and_doubled(name, chance: random.Random):
    data = bytearray(FILES[name])
    for _change in range(chance.randint(1, 8)):
        at = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randint(1, 30)]
            case 2:
                data[at:at] = data[at : at + chance.randint(1, 30)]
            case _:
                data[at] = chance.choice(b'0123456789-.,:{}[]"<>/eE ')
        if not data:
            return
    use(bytes(data[: chance.randint(1, len(data))] if chance.random() < 0.2 else data))


def spoil(value: Any, chance: random.Random) -> Any:
    """The value with one member somewhere in it removed, doubled, renamed or retyped."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(list(value))
        match chance.randrange(6):
            case 0:
                return {other: each for other, each in value.items() if other != key}
            case 1:
                return {**value, "type": chance.choice(["Feature", "Polygon", "Point", "x", None])}
            case _:
                return {**value, key: spoil(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        row = chance.randrange(len(value))
        match chance.randrange(6):
            case 0:
                return value[:row] + value[row + 1 :]
            case 1:
                return [*value[: row + 1], *value[row:]]
            case _:
                return [*value[:row], spoil(value[row], chance), *value[row + 1 :]]
    return chance.choice([*ODD, [value], {"type": value}])


@pytest.mark.parametrize("name", JSON_FILES)
@settings(deadline=None, max_examples=150)
@given(st.randoms(use_true_random=False))
def test_members_removed_doubled_and_retyped(name, chance: random.Random):
    value = json.loads(FILES[name])
    for _change in range(chance.randint(1, 4)):
        value = spoil(value, chance)
    use(json.dumps(value).encode())


@settings(deadline=None, max_examples=150)
@given(st.randoms(use_true_random=False))
def test_kml_elements_moved_and_emptied(chance: random.Random):
    lines = FILES["shapes.kml"].decode().splitlines()
    head, body, tail = lines[:2], lines[2:-1], lines[-1:]
    for _change in range(chance.randint(1, 4)):
        row = chance.randrange(len(body))
        match chance.randrange(3):
            case 0:
                del body[row]
            case 1:
                body.insert(chance.randrange(len(body)), body[row])
            case _:
                body[row] = chance.choice(
                    ["<Point/>", "<coordinates/>", "1,1", "<Polygon>", "&lt;"]
                )
    use("\n".join([*head, *body, *tail]).encode())


@settings(deadline=None, max_examples=150)
@given(
    st.binary(max_size=300), st.sampled_from([b"{", b"[", b"<kml>", b"PK\x03\x04", b"\xff\xfe{"])
)
def test_any_bytes(tail, head):
    use(head + tail)
