"""A list and the pages accept and refuse the same values: every row goes through the same forms."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registrations.forms import StayForm, WhoForm
from registrations.spreadsheets.cells import escape
from registrations.spreadsheets.checking import ListedPerson, RowChecker
from registrations.spreadsheets.columns import COLUMNS
from registrations.spreadsheets.reading import read_list
from tests.factories.groups import csv_of, make_group, xlsx_of
from tests.factories.registrations import make_places, today

pytestmark = pytest.mark.django_db

KEYS = [column.key for column in COLUMNS]
HEADINGS = [str(column.heading) for column in COLUMNS]
NEAR = st.dates(today() - dt.timedelta(days=5), today() + dt.timedelta(days=4000))
# What people, and those who mean harm, write in cells. Control characters end a cell or a file.
WILD = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), max_size=12
) | st.sampled_from(
    [
        "😀", "x" * 301, "=1+1", "+1", "-", "@SUM(A1)", "'=x", "''", "<script>alert(1)</script>",
        "'; DROP TABLE x; --", "٣١/٣/٢٠٢٧", "31/2/2027", "1/1/0001", "2027-13-01", "Ünï", "李",
    ]
)  # fmt: skip
DAY = NEAR.map(str) | NEAR.map(lambda day: day.strftime("%d/%m/%Y")) | WILD | st.just("")
ROW = st.fixed_dictionaries(
    {
        "name": WILD | st.sampled_from(["Ana Pérez", "李", "O'Neil"]),
        "mail": st.sampled_from(["", "a@example.org", "A.B@Example.ORG", "a@b", "a,b@c.org"])
        | WILD,
        "mobile": st.sampled_from(["", "+34 600 123 456", "0034600123456", "+34911234567", "600"])
        | WILD,
        "language": st.sampled_from(["en", "es", "fr", "ar", "xx"]),
        "birth_date": DAY,
        "document_number": st.sampled_from(["", "ab-123", "x" * 41]) | WILD,
        "place": st.sampled_from(["", "Kathmandu", "Suva", "Paris", "Xyzzy"]) | WILD,
        "country": st.sampled_from(["", "NP", "FR", "US", "CL", "FJ", "ZZ"]),
        "starts_on": DAY,
        "ends_on": DAY,
        "exact_address": WILD | st.just(""),
    }
)
MAY_TAKE = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def checker() -> RowChecker:
    make_places()
    return RowChecker(make_group())


def on_the_pages(row: dict[str, str]) -> bool:
    """Whether the pages take these values; a report alone may do without an address."""
    who = WhoForm(row)
    who_is_right = who.is_valid() or (
        list(who.errors) == ["mail"] and not row["mail"].strip() and not row["mobile"].strip()
    )
    stays = ("place", "country", "starts_on", "ends_on", "exact_address")
    if not any(row[name].strip() for name in stays):
        return who_is_right
    return who_is_right and StayForm({**row, "kind": "trip"}).is_valid()


@MAY_TAKE
@given(row=ROW, as_workbook=st.booleans())
def test_a_list_takes_what_the_pages_take(
    checker: RowChecker, row: dict[str, str], as_workbook: bool
):
    cells = [escape(row[key]) for key in KEYS]
    make = xlsx_of if as_workbook else csv_of
    # A row of spaces alone is no row.
    content = make([cells, ["last"]], HEADINGS)
    table = read_list(io.BytesIO(content))
    read = dict(zip(table.columns, table.rows[0], strict=True))
    if read["name"] == "last":
        return
    found = checker.check(2, read)
    assert isinstance(found, ListedPerson) == on_the_pages(row), (row, found)


@MAY_TAKE
@given(row=ROW)
def test_what_both_take_is_the_same(checker: RowChecker, row: dict[str, str]):
    found = checker.check(2, {key: escape(row[key]) for key in KEYS})
    who = WhoForm(row)
    if not isinstance(found, ListedPerson) or not who.is_valid():
        return
    cleaned = who.cleaned_data
    assert (found.name, found.language) == (cleaned["name"], cleaned["language"])
    assert (found.document_number, found.birth_date) == (
        cleaned["document_number"],
        cleaned["birth_date"],
    )
    assert {item.address for item in found.contacts} == {item.address for item in who.contacts}
    where = StayForm({**row, "kind": "trip"})
    if where.is_valid():
        assert found.stays == (where.answer,)
