"""Coordinates as people write them: decimal degrees, minutes and seconds, letters of the compass.

Nothing here knows a map: a pair is read, and whether its order can be right is told.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext as _

# West is Oeste and Ouest; the letters of Arabic stand for the words that begin with them.
_SIDES = {
    "N": "N", "S": "S", "E": "E", "W": "W", "O": "W", "ش": "N", "ج": "S", "ق": "E", "غ": "W",
}  # fmt: skip
_MARKS = str.maketrans(
    {"−": "-", "–": "-", "º": "°", "˚": "°", "′": "'", "’": "'", "‘": "'", "″": '"', "”": '"',
     "“": '"', "،": ",", "٫": ".", "؛": ";", "|": ";", "\t": " "}
)  # fmt: skip
_NUMBER = r"\d+(?:[.,]\d+)?"
_HALF = re.compile(
    rf"""\s*(?P<sign>[+-]?)\s*(?P<degrees>{_NUMBER})\s*(?:°|:|\s|$)\s*
    (?:(?P<minutes>{_NUMBER})\s*(?:'|:|\s|$)\s*(?:(?P<seconds>{_NUMBER})\s*(?:"|''|\s|$)\s*)?)?""",
    re.VERBOSE,
)
_LONGEST = 80


class InvalidCoordinate(ValueError):
    """Text that is no coordinate; the message is translated and fit for the page."""


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees. `is_exchanged`: as written they lie nowhere, and make sense the other way round."""

    latitude: float
    longitude: float
    # Letters of the compass say which is which: then no order has to be guessed.
    is_lettered: bool = False

    @property
    def is_exchanged(self) -> bool:
        return abs(self.latitude) > 90 and not self.is_lettered

    def exchanged(self) -> Point:
        return Point(self.longitude, self.latitude)


def read_point(text: str) -> Point:
    """A pair, latitude first unless letters say otherwise. Raises InvalidCoordinate.

    A first number beyond 90 degrees is taken where the second could be the latitude: the point
    then says that it is exchanged.
    """
    cleaned = _clean(text)
    letters = [index for index, sign in enumerate(cleaned) if sign in _SIDES]
    if letters:
        return _with_letters(text, cleaned, letters)
    one, two = _halves(text, cleaned)
    return _checked(text, Point(_degrees(text, one), _degrees(text, two)))


def read_angle(text: str, *, latitude: bool) -> float:
    """One latitude or longitude in degrees. Raises InvalidCoordinate."""
    cleaned = _clean(text)
    sides = [sign for sign in cleaned if sign in _SIDES]
    known = {"N", "S"} if latitude else {"E", "W"}
    if len(sides) > 1 or any(_SIDES[side] not in known for side in sides):
        raise _unreadable(text)
    value = _degrees(text, cleaned.replace(sides[0], " ") if sides else cleaned)
    if sides:
        value = _on_side(text, value, sides[0])
    if abs(value) > (90 if latitude else 180):
        raise InvalidCoordinate(
            _("“%(text)s”: a latitude lies between -90 and 90.") % {"text": text.strip()}
            if latitude
            else _("“%(text)s”: a longitude lies between -180 and 180.") % {"text": text.strip()}
        )
    return value


def _clean(text: str) -> str:
    if len(text) > _LONGEST:
        raise _unreadable(text)
    # NFKC would make a space and a mark of some of these signs: they are replaced first.
    plain = unicodedata.normalize("NFKC", text.translate(_MARKS)).translate(_MARKS)
    digits = (str(unicodedata.digit(sign, sign)) for sign in plain)
    seen = (sign for sign in digits if unicodedata.category(sign)[0] != "C")
    return "".join(seen).upper().strip().strip("()[]")


def _with_letters(text: str, cleaned: str, letters: list[int]) -> Point:
    if len(letters) != 2:
        raise _unreadable(text)
    first, second = letters
    # "N 14.9 W 92.3" or "14.9 N, 92.3 W".
    cut = second if first == 0 else first + 1
    found: dict[bool, float] = {}
    for half, side in ((cleaned[:cut], cleaned[first]), (cleaned[cut:], cleaned[second])):
        value = _degrees(text, half.replace(side, " ").strip(" ,;"))
        found[_SIDES[side] in {"N", "S"}] = _on_side(text, value, side)
    if len(found) != 2:
        raise _unreadable(text)
    return _checked(text, Point(found[True], found[False], is_lettered=True))


def _halves(text: str, cleaned: str) -> tuple[str, str]:
    """Latitude and longitude where no letter parts them. A comma may also stand for the point."""
    for parting in (r"\s*;\s*", r"\s*,\s+|\s+,\s*"):
        parts = re.split(parting, cleaned)
        if len(parts) == 2:
            return parts[0], parts[1]
    if cleaned.count(",") == 1 and "°" not in cleaned:
        one, two = cleaned.split(",")
        return one, two
    words = cleaned.split()
    if len(words) in {2, 4, 6}:
        middle = len(words) // 2
        return " ".join(words[:middle]), " ".join(words[middle:])
    # 14°54'30" -92°16'12": the second begins where the second degrees stand.
    starts = [match.start() for match in re.finditer(rf"[+-]?\s*{_NUMBER}\s*°", cleaned)]
    if len(starts) == 2:
        return cleaned[: starts[1]].strip(" ,"), cleaned[starts[1] :]
    raise _unreadable(text)


def _degrees(text: str, half: str) -> float:
    match = _HALF.fullmatch(half.strip(" ,;"))
    if match is None:
        raise _unreadable(text)
    parts = [match[name] for name in ("degrees", "minutes", "seconds") if match[name] is not None]
    numbers = [float(part.replace(",", ".")) for part in parts]
    # Only the last may have a fraction, and sixty minutes are a degree.
    if any(number % 1 for number in numbers[:-1]) or any(number >= 60 for number in numbers[1:]):
        raise _unreadable(text)
    value = sum(number / 60**power for power, number in enumerate(numbers))
    return -value if match["sign"] == "-" else value


def _on_side(text: str, value: float, side: str) -> float:
    if value < 0:
        raise _unreadable(text)
    return -value if _SIDES[side] in {"S", "W"} else value


def _checked(text: str, point: Point) -> Point:
    latitude, longitude = abs(point.latitude), abs(point.longitude)
    is_right = latitude <= 90 and longitude <= 180
    may_be_exchanged = not point.is_lettered and latitude <= 180 and longitude <= 90
    if not (is_right or may_be_exchanged):
        raise InvalidCoordinate(
            _("“%(text)s” lies nowhere on earth: latitude first, at most 90, then longitude.")
            % {"text": text.strip()[:_LONGEST]}
        )
    return point


def _unreadable(text: str) -> InvalidCoordinate:
    return InvalidCoordinate(
        _("“%(text)s” cannot be read. Write 14.9, -92.3 or 14°54'30\"N 92°16'12\"W.")
        % {"text": text.strip()[:_LONGEST]}
    )
