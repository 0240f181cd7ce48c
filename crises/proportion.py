"""Whether an area and its audience are in proportion to the event: plain rules, each with a reason.

A warning never stops anybody: a typing error or a wrong unit is to be noticed before a hundred
thousand people are woken, and an empty audience before it is believed.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

# An alert's own area is drawn generously already; ten times that is another event.
_TIMES_THE_ALERT = 10
# How far an earthquake is felt by many people indoors (intensity IV), rounded up from the intensity
# prediction equations of Allen, Wald and Worden (2012). Beyond twice that, hardly anybody notices.
_FELT_KM = {4.0: 40, 5.0: 100, 6.0: 220, 7.0: 450, 8.0: 850, 9.0: 1500}
_TIMES_FELT = 2
# Whoever types a radius has one place in mind. A slip of one digit touches a continent.
_MANY_COUNTRIES = 5
# Few events on Earth concern most of those who registered anywhere.
_LARGE_SHARE = 0.5
_ENOUGH_REGISTERED = 200
# CAP's Minor is "minimal to no known threat to life", Moderate "possible threat".
_MILD = {"Minor": 5_000, "Moderate": 20_000}
# Where thousands are likely to be, a handful means that the area, the days or the register is
# wrong: in 2006 Canada expected 3,000 in Lebanon, and 40,000 came.
_MANY_EXPECTED = 1_000
_SMALL_SHARE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What is known of an event and of the area drawn for it; None or empty where it is not."""

    square_km: float
    countries: int
    # Typed as one place or point with a radius.
    is_circle: bool = False
    # Who would be written to; of a calm count, at least so many.
    people: int | None = None
    registered: int | None = None
    # The least number of citizens who are likely to be there.
    expected: int | None = None
    # What the alert itself drew.
    alert_square_km: float | None = None
    hazard: str = ""
    magnitude: float | None = None
    severity: str = ""

    @property
    def reach_km(self) -> float:
        """The radius of a circle of the same size."""
        return math.sqrt(self.square_km / math.pi)


def warnings_of(size: Size) -> list[str]:
    """What is out of proportion, in translated sentences; most often nothing."""
    return [warning for rule in RULES if (warning := rule(size))]


def felt_km(magnitude: float) -> float:
    """How far an earthquake of that magnitude is felt by many, in kilometres."""
    known = sorted(_FELT_KM)
    if magnitude <= known[0] or magnitude >= known[-1]:
        return float(_FELT_KM[known[0] if magnitude <= known[0] else known[-1]])
    after = bisect_left(known, magnitude)
    low, high = known[after - 1], known[after]
    return _FELT_KM[low] + (magnitude - low) / (high - low) * (_FELT_KM[high] - _FELT_KM[low])


def _larger_than_the_alert(size: Size) -> str:
    if not size.alert_square_km or size.square_km < _TIMES_THE_ALERT * size.alert_square_km:
        return ""
    return _("The area is %(times)s times as large as the one that the alert drew.") % {
        "times": _grouped(size.square_km / size.alert_square_km)
    }


def _farther_than_felt(size: Size) -> str:
    if size.hazard != "earthquake" or size.magnitude is None:
        return ""
    felt = felt_km(size.magnitude)
    if size.reach_km <= _TIMES_FELT * felt:
        return ""
    return _(
        "An earthquake of magnitude %(magnitude)s is seldom felt beyond %(felt)s km. This area "
        "reaches some %(reach)s km."
    ) % {
        "magnitude": number_format(size.magnitude, 1),
        "felt": _grouped(felt),
        "reach": _grouped(size.reach_km),
    }


def _circle_over_many_countries(size: Size) -> str:
    if not size.is_circle or size.countries < _MANY_COUNTRIES:
        return ""
    return _("The circle touches %(number)s countries. Is its radius what you meant?") % {
        "number": _grouped(size.countries)
    }


def _most_of_the_register(size: Size) -> str:
    if size.people is None or not size.registered or size.registered < _ENOUGH_REGISTERED:
        return ""
    if size.people <= _LARGE_SHARE * size.registered:
        return ""
    return _("More than half of everybody who is registered would be written to.")


def _many_for_a_mild_event(size: Size) -> str:
    most = _MILD.get(size.severity)
    if most is None or size.people is None or size.people < most:
        return ""
    words = {
        "Minor": _("The event is called minor, and %(people)s people would be written to."),
        "Moderate": _("The event is called moderate, and %(people)s people would be written to."),
    }
    return words[size.severity] % {"people": _grouped(size.people)}


def _few_where_many_are_expected(size: Size) -> str:
    if size.people is None or size.expected is None or size.expected < _MANY_EXPECTED:
        return ""
    if size.people > _SMALL_SHARE * size.expected:
        return ""
    return _(
        "Only %(people)s would be written to, where at least %(expected)s citizens are likely to "
        "be. Check the area and the days, and find other ways to reach them."
    ) % {"people": _grouped(size.people), "expected": _grouped(size.expected)}


RULES: tuple[Callable[[Size], str], ...] = (
    _larger_than_the_alert,
    _farther_than_felt,
    _circle_over_many_countries,
    _most_of_the_register,
    _many_for_a_mild_event,
    _few_where_many_are_expected,
)


def _grouped(number: float) -> str:
    return number_format(round(number), force_grouping=True)
