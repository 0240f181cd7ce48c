"""How many citizens are likely to be in an area, as a range, and what part of them registered.

Read from published figures alone: nothing here asks a registration.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, Sum

from geography.areas import Area
from geography.covers import towns_in
from geography.models import Place
from geography.regions import country_of, split_codes
from registrations.models import CitizenEstimate
from registrations.selection import countries_touching


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a country's population that lives in an area: between two fractions of one."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many citizens are likely there; `high` is None where nobody can tell.

    `low` is never under `registered`, the people known to be there. Coverage is the registered
    part, as fractions of one; None where it is unknown. `sources` are the figures it rests on,
    each country's in turn; `missing` the countries (ISO codes) of which no figure is loaded;
    `partial` those of which the loaded figures leave out residents, or travellers.
    """

    low: int
    high: int | None
    registered: int
    coverage_low: float | None
    coverage_high: float | None
    sources: tuple[CitizenEstimate, ...] = ()
    missing: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        return self.high is not None


def estimate(area: Area, *, registered_people: int) -> Estimate:
    """How many citizens are likely to be in the area on a day, by what is loaded.

    Of each country that the area touches: each source's newest year, as a range over the sources;
    of a part of it, by the share of its people in towns that lie wholly inside (at least), or
    whose disc touches (at most). `registered_people` is the floor: whatever it gives away, so
    does the answer, and nothing more.
    """
    shares = shares_of(area)
    sources = newest_figures(shares)
    found = {source.country for source in sources}
    missing = tuple(sorted(shares.keys() - found))
    by_country = {
        country: [source for source in sources if source.country == country]
        for country in sorted(found)
    }
    low, high = 0, 0
    for country, figures in by_country.items():
        least, most = _range_of(figures)
        low += math.floor(least * shares[country].low)
        high += math.ceil(most * shares[country].high)
    low = max(low, registered_people)
    # Where nothing is known of one country of several, nobody can tell the whole.
    if missing or not sources:
        return Estimate(low, None, registered_people, None, None, sources, missing)
    high = max(high, low)
    return Estimate(
        low,
        high,
        registered_people,
        coverage_low=registered_people / high if high else None,
        coverage_high=registered_people / low if low else None,
        sources=sources,
        partial=tuple(code for code, figures in by_country.items() if _is_partial(figures)),
    )


def newest_figures(countries: Iterable[str]) -> tuple[CitizenEstimate, ...]:
    """Each source's newest figures of each of the countries (ISO codes)."""
    return tuple(
        CitizenEstimate.objects.filter(country__in=sorted(countries))
        .order_by("country", "source", "-year")
        .distinct("country", "source")
    )


def shares_of(area: Area) -> dict[str, Share]:
    """What part of each country that the area touches lives in it, by GeoNames' towns.

    By ISO code. A country none of whose towns the area touches is left out.
    """
    touched = [code for code in countries_touching(area) if code not in area.country_codes]
    shares = {code: Share(1.0, 1.0) for code in area.country_codes}
    if not touched:
        return shares
    everywhere = _population(Place.objects.filter(country__in=touched))
    regions = _regions(area.region_codes, touched)
    low = _population(Place.objects.filter(regions))
    high = dict(low)
    if not area.is_named:
        towns = towns_in(area)
        inside = Q(pk__in=towns.inside) | regions
        low = _population(Place.objects.filter(inside, country__in=touched))
        high = _population(
            Place.objects.filter(inside | Q(pk__in=towns.partly), country__in=touched)
        )
    for code in touched:
        # A country whose towns' populations nobody wrote down: between none and all of it.
        if not everywhere[code] and code in high:
            shares[code] = Share(0.0, 1.0)
        elif high[code]:
            shares[code] = Share(low[code] / everywhere[code], high[code] / everywhere[code])
    return shares


def _regions(codes: Iterable[str], touched: list[str]) -> Q:
    """A condition on places: in one of these regions, of these countries."""
    found = Q(pk__in=[])
    wanted = [code for code in codes if country_of(code) in touched]
    for country, admin1 in zip(*split_codes(wanted), strict=True):
        found |= Q(country=country, admin1=admin1)
    return found


def _population(places: object) -> defaultdict[str, int]:
    """People in these places, by country; a country without one of them is no key."""
    rows = places.values_list("country").annotate(people=Sum("population"))  # type: ignore[attr-defined]
    return defaultdict(int, rows.order_by("country"))


def _range_of(figures: list[CitizenEstimate]) -> tuple[int, int]:
    """The least and the most that a country's sources say, residents and travellers together."""
    low = high = 0
    for kind in ("residents", "travellers"):
        least = [getattr(one, f"{kind}_low") for one in figures]
        most = [getattr(one, f"{kind}_high") for one in figures]
        low += min((number for number in least if number is not None), default=0)
        high += max((number for number in most if number is not None), default=0)
    return low, high


def _is_partial(figures: list[CitizenEstimate]) -> bool:
    return all(one.residents_high is None for one in figures) or all(
        one.travellers_high is None for one in figures
    )
