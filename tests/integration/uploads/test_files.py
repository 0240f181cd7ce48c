"""The files that lists come in and go back in: CSV and workbooks, right, wrong and too large."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from registrations.models import Person, Upload
from tests.factories.groups import csv_of, xlsx_of
from tests.factories.uploads import (
    checked,
    download,
    problems_of,
    rows_of,
    send,
    take,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_way_in_which_programs_write_csv(client, group, encoding, delimiter):
    content = csv_of([["Íñigo Peña", ""]], delimiter=delimiter, encoding=encoding)
    upload = checked(client, group, content)
    assert upload.wrong == 0
    assert rows_of(upload)[0][0] == "Íñigo Peña"


def test_a_workbook_with_days_numbers_and_formulas(client, group):
    start = dt.datetime.combine(timezone.now().date(), dt.time())
    headings = ["Full name", "Passport or identity card number", "Country", "First day", "Last day"]
    rows = [
        ["Ana", 12345678, "Nepal", start, start + dt.timedelta(days=2)],
        ["=1+1", "X1", "Nepal", start, start],
        ["Eva", 3.5, "Nepal", start.date().isoformat(), "31/2/2027"],
    ]
    upload = checked(client, group, xlsx_of(rows, headings))
    assert rows_of(upload)[0][1] == "12345678"
    assert rows_of(upload)[0][3] == start.date().isoformat()
    said = {(item["row"], item["column"]) for item in problems_of(upload)}
    assert said == {(3, "name"), (4, "document_number"), (4, "ends_on")}


@pytest.mark.parametrize("name", ["list.xlsm", "list.xls"])
def test_other_kinds_of_file_are_refused(client, group, name):
    assert "XLSX and CSV" in send(client, group, xlsx_of([["Ana", ""]]), name)
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"Full name\n", "empty"),
        (b"Name,Religion\nAna,x\n", "first row must hold"),
        (b"Full name,Religion,Visa\nAna,x,y\n", "Religion, Visa"),
        (b"Full name,Full name\nAna,Eva\n", "two columns"),
        (b"Email address\na@example.org\n", "no column for the names"),
        (b"Full name\nAna,extra\n", "Row 2"),
        (b"Full name\n\"Ana\n", "quotation mark"),
        (b"Full name\0\nAna\n", "no list that we can read"),
        (b"PK\x03\x04 not a zip", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_taken_as_a_whole(client, group, content, said):
    assert said in send(client, group, content)
    assert not Upload.objects.exists()


def test_a_file_of_50_megabytes_gets_a_clear_word_and_is_not_read(client, group, monkeypatch):
    def never(file: object) -> None:
        raise AssertionError("read")

    monkeypatch.setattr("registrations.forms.groups.read_list", never)
    assert "larger than 5 MB" in send(client, group, bytes(50 * 1024 * 1024))


def test_ten_thousand_rows_and_one_more(client, group):
    rows = [[f"Person {number}", ""] for number in range(10_001)]
    assert "at most 10000" in send(client, group, csv_of(rows))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_comes_back_runs_nothing_and_can_be_corrected(client, group, form):
    rows = [["=HYPERLINK(1)", "x"], ["+34 600", "@x"], ["'-1", "x"], ["Ana", ""]]
    upload = checked(client, group, csv_of(rows))
    back = download(client, upload, form)
    assert [row[:2] for row in back[1:]] == [
        ["'=HYPERLINK(1)", "x"],
        ["'+34 600", "'@x"],
        ["'-1", "x"],
    ]
    corrected = csv_of([[row[0], "", row[2]] for row in back[1:]], back[0])
    again = checked(client, group, corrected)
    assert again.wrong == 0
    take(client, again)
    assert {person.name for person in Person.objects.all()} == {"=HYPERLINK(1)", "+34 600", "-1"}


@pytest.mark.parametrize("language", ["en", "es", "fr", "ar"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_template_can_be_filled_in_and_sent(client, group, language, form):
    client.cookies["django_language"] = language
    response = client.get(reverse("download_template", kwargs={"form": form}))
    content = response.content
    if form == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(content))
        assert len(book.worksheets) == 2
        book.worksheets[0].append(["Ana", "ana@example.org"])
        filled = io.BytesIO()
        book.save(filled)
        content = filled.getvalue()
    else:
        content += b"Ana,ana@example.org\r\n"
    upload = checked(client, group, content)
    assert (upload.total, upload.wrong) == (1, 0)
