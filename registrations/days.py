"""Days as people write them: in any digits, the day first, or as ISO 8601 writes them."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

EARLIEST = dt.date(1900, 1, 1)
FARTHEST = dt.timedelta(days=10 * 366)

# The Arabic comma, date separator and full stop stand between the numbers too.
_BETWEEN = r"[\s/.\-،؍۔٫]+"
_YEAR_FIRST = re.compile(rf"(\d{{4}}){_BETWEEN}(\d{{1,2}}){_BETWEEN}(\d{{1,2}})")
_DAY_FIRST = re.compile(rf"(\d{{1,2}}){_BETWEEN}(\d{{1,2}}){_BETWEEN}(\d{{4}})[.\s]*")
_SHORT_YEAR = re.compile(rf"\d{{1,2}}{_BETWEEN}\d{{1,2}}{_BETWEEN}\d{{1,3}}")


def parse_day(text: str) -> dt.date:
    """31/3/2027, 31.3.2027, 31-3-2027, 31 3 2027 or 2027-03-31. Raises ValidationError."""
    typed = _plain(text)
    if found := _YEAR_FIRST.fullmatch(typed):
        year, month, day = (int(number) for number in found.groups())
    elif found := _DAY_FIRST.fullmatch(typed):
        day, month, year = (int(number) for number in found.groups())
    elif _SHORT_YEAR.fullmatch(typed):
        raise ValidationError(_("Write the year with four digits, like 31/3/2027."), code="year")
    else:
        raise ValidationError(
            _("Write the day, the month and the year in numbers, like 31/3/2027."), code="day"
        )
    if month > 12:
        raise ValidationError(
            _("There are 12 months. Write the day first, then the month, like 31/3/2027."),
            code="month",
        )
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise ValidationError(
            _("This day does not exist in the calendar. Check the day and the month."),
            code="no_such_day",
        ) from None


def age_on(today: dt.date, born: dt.date) -> int:
    """Whole years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def check_birth(born: dt.date, *, today: dt.date) -> dt.date:
    """Raises ValidationError for a day to come, and for one nobody living was born on."""
    # A day's grace: tomorrow may have begun where a child was just born.
    if born > today + dt.timedelta(days=1):
        raise ValidationError(_("A date of birth cannot lie in the future."), code="future")
    if born < EARLIEST:
        raise ValidationError(_("Check the year: it lies before 1900."), code="year")
    return born


def check_period(
    starts_on: dt.date, ends_on: dt.date | None, *, today: dt.date
) -> dict[str, ValidationError]:
    """Return what is wrong with the days of a stay, by field. No end means none is planned."""
    problems: dict[str, ValidationError] = {}
    if starts_on < EARLIEST or starts_on > today + FARTHEST:
        problems["starts_on"] = _far()
    if ends_on is None:
        return problems
    if ends_on < starts_on:
        problems["ends_on"] = ValidationError(
            _("The last day is before the first day."), code="order"
        )
    # A day's grace: it may still be yesterday where the person is.
    elif ends_on < today - dt.timedelta(days=1):
        problems["ends_on"] = ValidationError(
            _("This stay has already ended. Add one that is going on or still to come."),
            code="past",
        )
    elif ends_on > today + FARTHEST:
        problems["ends_on"] = _far()
    return problems


def _far() -> ValidationError:
    return ValidationError(_("Check the year. We take days up to ten years from now."), code="year")


def _plain(text: str) -> str:
    """The text without the marks of direction that keyboards add, in western digits."""
    composed = unicodedata.normalize("NFKC", text)
    return western_digits(
        "".join(sign for sign in composed if unicodedata.category(sign) != "Cf")
    ).strip()


def western_digits(text: str) -> str:
    """The text with the digits of every script as 0 to 9."""
    return "".join(str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in text)
