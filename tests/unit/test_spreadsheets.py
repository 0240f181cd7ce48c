"""Lists as bytes: what would do harm is refused unpacked, and nothing comes out live."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrations.spreadsheets.cells import escape, is_formula, unescape
from registrations.spreadsheets.columns import COLUMNS, key_of
from registrations.spreadsheets.reading import read_list
from registrations.spreadsheets.tables import Unreadable
from registrations.spreadsheets.writing import template_rows, to_csv, to_xlsx


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
