"""Days as each culture writes them, and those that nobody can mean."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from registrations.days import age_on, check_birth, check_period, parse_day
from registrations.forms.fields import DayField

TODAY = dt.date(2027, 3, 10)
LAST_OF_MARCH = dt.date(2027, 3, 31)


@pytest.mark.parametrize(
    "typed",
    [
        "2027-03-31",
        "2027-3-31",
        "2027/03/31",
        "31/3/2027",
        "31/03/2027",
        "31.3.2027",
        "31. 3. 2027",
        "31-3-2027",
        "31 3 2027",
        "  31 / 3 / 2027 ",
        "31.3.2027.",
        "٣١/٣/٢٠٢٧",
        "٣١؍٣؍٢٠٢٧",
        "۳۱/۳/۲۰۲۷",
        "۲۰۲۷-۰۳-۳۱",
        "３１／３／２０２７",
        "३१/३/२०२७",
        "\u200f٣١\u200f/٣\u200f/٢٠٢٧",
    ],
)
def test_a_day_is_read_as_it_is_written(typed):
    assert parse_day(typed) == LAST_OF_MARCH
    assert DayField().clean(typed) == LAST_OF_MARCH


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("30/2/2027", "does not exist in the calendar"),
        ("2027-02-30", "does not exist in the calendar"),
        ("29/2/2027", "does not exist in the calendar"),
        ("0/1/2027", "does not exist in the calendar"),
        ("1/0/2027", "does not exist in the calendar"),
        ("1/1/0000", "does not exist in the calendar"),
        ("3/31/2027", "There are 12 months. Write the day first"),
        ("31/3/27", "Write the year with four digits, like 31/3/2027."),
        ("tomorrow", "in numbers, like 31/3/2027."),
        ("31 March 2027", "in numbers, like 31/3/2027."),
        ("31/3", "in numbers, like 31/3/2027."),
        ("31/3/20277", "in numbers, like 31/3/2027."),
        ("2027-03-31T00:00", "in numbers, like 31/3/2027."),
        ("<script>alert(1)</script>", "in numbers, like 31/3/2027."),
        ("'; DROP TABLE registrations_stay; --", "in numbers, like 31/3/2027."),
        ("⅓/3/2027", "in numbers, like 31/3/2027."),
        ("1" * 10_000, "in numbers, like 31/3/2027."),
    ],
)
def test_what_is_no_day_is_refused_in_words_that_help(typed, message):
    with pytest.raises(ValidationError) as refused:
        DayField().clean(typed)
    assert message in refused.value.messages[0]


@given(st.dates())
def test_every_day_comes_back_however_it_is_typed(day: dt.date):
    year = f"{day.year:04d}"
    assert parse_day(day.isoformat()) == day
    for between in ("/", ".", "-", " "):
        assert parse_day(f"{day.day}{between}{day.month}{between}{year}") == day


@given(st.text())
def test_no_text_breaks_it(text: str):
    with contextlib.suppress(ValidationError):
        assert isinstance(parse_day(text), dt.date)


def test_a_day_typed_by_hand_comes_back_to_the_picker_as_it_writes_it():
    field = DayField()
    assert field.bound_data("31/3/2027", None) == LAST_OF_MARCH
    assert field.bound_data("soon", None) == "soon"
    assert field.bound_data("", None) == ""


@pytest.mark.parametrize(
    ("born", "message"),
    [
        (TODAY + dt.timedelta(days=2), "cannot lie in the future"),
        (dt.date(1899, 12, 31), "before 1900"),
    ],
)
def test_nobody_is_born_tomorrow_or_before_1900(born, message):
    with pytest.raises(ValidationError) as refused:
        check_birth(born, today=TODAY)
    assert message in refused.value.messages[0]
    assert check_birth(TODAY, today=TODAY) == TODAY


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (dt.date(2009, 3, 10), 18),
        (dt.date(2009, 3, 11), 17),
        (dt.date(2008, 2, 29), 19),
        (TODAY, 0),
    ],
)
def test_age_is_counted_in_whole_years(born, age):
    assert age_on(TODAY, born) == age


@pytest.mark.parametrize(
    ("starts", "ends", "wrong"),
    [
        (TODAY, TODAY, set()),
        (TODAY, None, set()),
        (dt.date(1999, 1, 1), None, set()),
        (TODAY - dt.timedelta(days=9), TODAY - dt.timedelta(days=1), set()),
        (TODAY, TODAY - dt.timedelta(days=1), {"ends_on"}),
        (TODAY - dt.timedelta(days=9), TODAY - dt.timedelta(days=2), {"ends_on"}),
        (dt.date(1, 1, 1), TODAY, {"starts_on"}),
        (dt.date(2100, 1, 1), None, {"starts_on"}),
        (TODAY, dt.date(9999, 12, 31), {"ends_on"}),
    ],
)
def test_days_of_a_stay(starts, ends, wrong):
    assert set(check_period(starts, ends, today=TODAY)) == wrong
