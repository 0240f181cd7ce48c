"""Countries by the English names that feeds of disasters give them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import pycountry

# Spellings that ISO 3166 does not list, as GDACS and its sources write them.
_OTHERS = {
    "bosnia & herzegovina": "BA",
    "brunei": "BN",
    "burma": "MM",
    "cape verde": "CV",
    "congo democratic republic": "CD",
    "cote d'ivoire": "CI",
    "democratic republic of congo": "CD",
    "democratic republic of the congo": "CD",
    "dr congo": "CD",
    "east timor": "TL",
    "falkland islands": "FK",
    "great britain": "GB",
    "guinea bissau": "GW",
    "ivory coast": "CI",
    "kosovo": "XK",
    "lao pdr": "LA",
    "macau": "MO",
    "macedonia": "MK",
    "micronesia": "FM",
    "palestine": "PS",
    "palestinian territory": "PS",
    "republic of korea": "KR",
    "republic of the congo": "CG",
    "russia": "RU",
    "saint martin": "MF",
    "st kitts and nevis": "KN",
    "st lucia": "LC",
    "st vincent and the grenadines": "VC",
    "swaziland": "SZ",
    "the bahamas": "BS",
    "the gambia": "GM",
    "turkey": "TR",
    "vatican": "VA",
}
_SPACE = re.compile(r"\s+")


def country_named(name: str) -> str:
    """The alpha-2 code of the country of that name; "" where it is not certain which is meant."""
    return _by_name().get(_folded(name), "")


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    names: dict[str, str] = {}
    for country in pycountry.countries:
        for key in ("name", "common_name", "official_name"):
            name = getattr(country, key, None)
            if name:
                names[_folded(name)] = country.alpha_2
    return names | {_folded(name): code for name, code in _OTHERS.items()}


def _folded(name: str) -> str:
    """Without case, accents and dots; "and" for every way to write it."""
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = plain.casefold().replace("&", " and ").replace(".", " ").replace("’", "'")
    return _SPACE.sub(" ", plain).strip()
