"""The estimate of who is there in words, and as one bar: what part of them is registered."""

from __future__ import annotations

import math
from typing import Any

from django.utils.translation import gettext as _

from geography.areas import Area
from geography.countries import country_name
from registrations.estimating import Estimate, estimate

# A range of two digits says what is known; more would only look exact.
_DIGITS = 2


def estimate_context(area: Area, registered_people: int) -> dict[str, Any]:
    """What templates/crises/estimate.html shows: {"estimate": {...}}.

    `registered_people` as the page shows it: outside an open crisis the rounded number.
    """
    found = estimate(area, registered_people=registered_people)
    low, high = _rounded(found)
    return {
        "estimate": {
            "is_known": found.is_known,
            "low": low,
            "high": high,
            "registered": found.registered,
            "coverage": coverage_in_words(found),
            "bar": _bar(found),
            "missing": [country_name(code) for code in found.missing],
            "partial": [country_name(code) for code in found.partial],
            "sources": [
                {
                    "country": country_name(source.country),
                    "source": source.source,
                    "year": str(source.year),
                    "loaded_at": source.loaded_at,
                }
                for source in found.sources
            ],
        }
    }


def coverage_in_words(found: Estimate) -> str:
    """ "About 12 to 18 % are registered."; empty where it is unknown."""
    if found.coverage_low is None or found.coverage_high is None:
        return ""
    low = math.floor(100 * found.coverage_low)
    high = min(100, math.ceil(100 * found.coverage_high))
    if high == 0:
        return _("Nobody there is registered.")
    if high == 1:
        return _("Fewer than 1 % are registered.")
    if low == high:
        return _("About %(high)d %% are registered.") % {"high": high}
    return _("About %(low)d to %(high)d %% are registered.") % {"low": low, "high": high}


def _rounded(found: Estimate) -> tuple[int, int | None]:
    """The range outwards to two digits, but never under those who are registered."""
    low = max(_to_digits(found.low, math.floor), found.registered)
    return low, None if found.high is None else _to_digits(found.high, math.ceil)


def _to_digits(number: int, direction: Any) -> int:
    step = 10 ** max(0, len(str(number)) - _DIGITS)
    return int(direction(number / step) * step)


def _bar(found: Estimate) -> dict[str, str] | None:
    """Widths in per cent of the upper end: registered, at least, and the doubt between both."""
    if not found.high:
        return None
    return {
        "registered": f"{100 * found.registered / found.high:.1f}%",
        "low": f"{100 * found.low / found.high:.1f}%",
    }
