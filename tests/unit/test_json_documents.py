"""JSON before anyone knows what it says: syntax, names said twice, numbers, nesting, encodings."""

from __future__ import annotations

import pytest

from crises.alert_files import AlertFileError
from crises.alert_files.json_document import MAX_ITEMS, parse
from tests.factories.shapes import collection, feature, the_alert


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b'{"a": 1,\n "b": }', 2, 7),
        (b'{"a": 1\n "b": 2}', 2, 2),
        (b'{"a": 1}\n{', 2, 1),
        (b'{"features": [1,\n2,,]}', 2, 3),
        (b'{"features": [1,\n2', 2, 2),
        (b'{"a', 1, 2),
        (b"{\n\n a: 1}", 3, 2),
        (b"{", 1, 2),
        (b'{"a": tru}', 1, 7),
        (b'{"a": "\n"}', 1, 8),
        (b'{"a": 01}', 1, 8),
    ],
)
def test_syntax_errors_tell_line_and_column(data, line, column):
    with pytest.raises(AlertFileError, match=f"line {line}, column {column} "):
        parse(data)


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity"])
def test_words_that_are_no_numbers(word):
    with pytest.raises(AlertFileError, match=rf"features\[1\] \(line 2\): {word.decode()} is not"):
        parse(b'{"features": [1,\n' + word + b"]}")


def test_a_name_said_twice_and_differently_is_refused():
    with pytest.raises(AlertFileError, match=r"features\[0\] \(line 2\): .*“geometry” twice"):
        parse(b'{"features": [\n{"geometry": {"a": 1},\n"geometry": {"a": 2}}]}')


def test_a_name_of_the_outermost_object_said_twice():
    with pytest.raises(AlertFileError, match="“features” twice"):
        parse(b'{"features": [1], "features": [2]}')


def test_a_name_said_twice_with_the_same_value_is_read():
    assert parse(b'{"a": [1], "a": [1]}').members == {"a": [1.0]}


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": ' + b"[" * 100_000,
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"features": [\n' + b'{"a":' * 2000 + b"1" + b"}" * 2000 + b"]}",
    ],
)
def test_a_tower_of_brackets(data):
    with pytest.raises(AlertFileError, match=r"nested too deeply.*line [12]"):
        parse(data)


def test_a_huge_whole_number_is_read_as_a_float():
    assert parse(b'{"a": ' + b"9" * 10_000 + b"}").members == {"a": float("inf")}


def test_too_many_elements():
    with pytest.raises(AlertFileError, match="20,000 elements"):
        parse(b'{"features": [' + b",".join([b"1"] * (MAX_ITEMS + 1)) + b"]}")


def test_a_flood_of_empty_objects():
    with pytest.raises(AlertFileError, match="far more elements"):
        parse(b'{"features": [' + b",".join([b"{}"] * 1_000_000) + b"]}")


def test_more_than_6_mb():
    with pytest.raises(AlertFileError, match="larger than 6 MB"):
        parse(b'{"a": "' + b"x" * 6 * 1024 * 1024 + b'"}')


@pytest.mark.parametrize("data", [b"", b"  \n", b"\xef\xbb\xbf"])
def test_nothing(data):
    with pytest.raises(AlertFileError, match="empty"):
        parse(data)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_encodings(encoding):
    square = {"type": "Polygon", "coordinates": [[[1, 1], [2, 1], [2, 2], [1, 1]]]}
    text = collection(feature(square, name="Inundaci\u00f3n")).decode()
    text = text.replace("\\u00f3", "\u00f3")
    assert the_alert(text.encode(encoding)).parts[0].name == "Inundaci\u00f3n"


def test_windows_1252_is_said():
    document = parse('{"a": "Inundaci\u00f3n"}'.encode("cp1252"))
    assert document.members["a"] == "Inundaci\u00f3n"
    assert "Windows-1252" in document.warnings[0]


def test_a_mark_that_lies():
    with pytest.raises(AlertFileError, match="cannot be read"):
        parse(b'\xff\xfe{"a": 1}\xd8')


def test_lines_are_counted_to_each_feature():
    document = parse(b'{\n"type": "x",\n"features": [\n{"a": "\\n"},\n\n{}, {}\n]}')
    assert [item.line for item in document.items or []] == [4, 6, 6]
