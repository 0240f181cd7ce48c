"""Lists as bytes: what would do harm is refused unpacked, and nothing comes out live."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrations.spreadsheets.cells import escape, is_formula, unescape
from registrations.spreadsheets.columns import COLUMNS, key_of
from registrations.spreadsheets.reading import read_list
from registrations.spreadsheets.tables import Unreadable
from registrations.spreadsheets.writing import template_rows, to_csv, to_xlsx
from tests.factories.groups import xlsx_of


def package(**parts: bytes) -> io.BytesIO:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in parts.items():
            file.writestr(name.replace("__", "/").replace("_", "."), part)
    return content


def test_a_zip_bomb_is_refused_by_its_size_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr("openpyxl.load_workbook", lambda *a, **k: pytest.fail("unpacked"))
    bomb = package(xl__workbook_xml=b"<x/>", xl__bomb_xml=bytes(80 * 1024 * 1024))
    assert len(bomb.getvalue()) < 200_000
    with pytest.raises(Unreadable, match="too much"):
        read_list(bomb)


@pytest.mark.parametrize(
    ("part", "after"),
    [("xl/styles.xml", rb"<cellXfs[^>]*>"), ("xl/worksheets/sheet1.xml", rb"<row[^>]*>")],
)
def test_what_is_small_but_unpacks_to_millions_of_marks_is_refused(monkeypatch, part, after):
    monkeypatch.setattr("openpyxl.load_workbook", lambda *a, **k: pytest.fail("unpacked"))
    bomb = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx_of([["Ana", "ana@example.org"]]))) as book,
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file,
    ):
        for name in book.namelist():
            content = book.read(name)
            if name == part:
                content = re.sub(after, lambda found: found[0] + b"<c/>" * 2_000_000, content)
            file.writestr(name, content)
    assert len(bomb.getvalue()) < 50_000
    with pytest.raises(Unreadable, match="too much"):
        read_list(bomb)


def test_a_full_list_is_read():
    rows = [[f"Ana Ñandú {number}", *["x"] * 10] for number in range(10_000)]
    book = to_xlsx([*template_rows(), *rows])
    assert len(read_list(io.BytesIO(book)).rows) == 10_000


def test_a_workbook_with_a_damaged_part_is_no_list():
    book = bytearray(xlsx_of([["Ana", "ana@example.org"]]))
    start = book.index(b"xl/worksheets/sheet1.xml") + 60
    book[start : start + 40] = bytes(40)
    with pytest.raises(Unreadable, match=r"damaged|cannot be read"):
        read_list(io.BytesIO(bytes(book)))


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"xl__workbook_xml": b"<x/>", "xl__vbaProject_bin": b"x"}, "macros"),
        ({"word__document_xml": b"<x/>"}, "no XLSX"),
        ({"xl__workbook_xml": b"<x/>"}, "cannot be read"),
    ],
)
def test_workbooks_that_are_none(parts, said):
    with pytest.raises(Unreadable, match=said):
        read_list(package(**parts))


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", " =1", "'=1", "＝1", "\n=1"]
)
def test_whatever_could_run_is_written_as_text(text):
    assert escape(text) == f"'{text}"
    assert to_csv([[text]]).decode("utf-8-sig").lstrip('"').startswith("'")


@given(st.text())
def test_what_was_escaped_is_read_again_as_it_was(text):
    assert unescape(escape(text)) == text
    assert not is_formula(escape(text))


def test_headings_are_known_however_they_are_written():
    for column in COLUMNS:
        assert key_of(f"  {str(column.heading).upper()} ") == column.key
    assert key_of("Religion") is None


def test_an_empty_template_is_an_empty_list():
    for content in (to_csv(template_rows()), to_xlsx(template_rows())):
        with pytest.raises(Unreadable, match="empty"):
            read_list(io.BytesIO(content))
