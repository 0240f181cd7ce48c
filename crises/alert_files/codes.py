"""Areas that a file names by a code: countries by ISO 3166, which are known here, and others."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pycountry
from django.utils.translation import gettext as _

from geography.countries import country_name, is_country

_NOT_LETTERS = re.compile(r"[^a-z0-9]")
_COUNTRY_LISTS = re.compile(
    r"(iso)?3166(p(art)?)?(1)?(alpha[23]|a[23]|numeric|n3)?|iso[23]|country(code)?"
)
_SUBDIVISION_LISTS = re.compile(r"(iso)?3166(p(art)?)?2|subdivision(code)?")


@dataclass(frozen=True, slots=True)
class Named:
    """What a code names: whole countries, or only a part of one."""

    countries: tuple[str, ...] = ()
    is_part: bool = False


def look_up(list_name: str, value: str) -> Named:
    """The countries that a code of the list means; none where the list is not known here."""
    kind = _NOT_LETTERS.sub("", list_name.lower())
    if _SUBDIVISION_LISTS.fullmatch(kind):
        code = country_code(value.partition("-")[0])
        return Named((code,), is_part=True) if code else Named()
    if not _COUNTRY_LISTS.fullmatch(kind):
        return Named()
    codes = [country_code(each) for each in re.split(r"[\s,;]+", value.strip()) if each]
    # Half of a list would be an area that is silently too small.
    return Named(tuple(sorted(set(codes)))) if codes and all(codes) else Named()


def country_code(value: str) -> str:
    """The alpha-2 code of an ISO 3166-1 code of two letters, three letters or three digits."""
    value = value.strip().upper()
    if is_country(value):
        return value
    found = None
    if len(value) == 3 and value.isascii():
        found = (
            pycountry.countries.get(numeric=value)
            if value.isdigit()
            else pycountry.countries.get(alpha_3=value)
        )
    return found.alpha_2 if found else "XK" if value == "XKX" else ""


def not_held(list_name: str) -> str:
    """Why a code of that list was not understood, and what to do instead."""
    return _(
        "The list of %(list)s codes is not held here, so that this one could not be looked up. "
        "Type the places that it means."
    ) % {"list": list_name}


def only_a_part(code: str) -> str:
    return _(
        "It names a part of %(country)s by a code that could not be looked up. Type its places, "
        "or tick this to take the whole country."
    ) % {"country": country_name(code)}
