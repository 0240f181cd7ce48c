"""Finds the places that a typed name may mean, also when it is misspelt."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from geography.countries import code_of_country, country_name
from geography.folding import fold
from geography.labels import label_place
from geography.models import Place, PlaceName

CHOICES = 8
_SAME_BEGINNING = 3
_CANDIDATES = 1500
_ALIKE = 0.75


def find_places(text: str, *, country: str = "") -> list[Place]:
    """Places whose name is, or begins with, the text, best first."""
    country_code = country or None
    found = Place.objects.search(text, country=country_code, limit=CHOICES)
    if not found and "," in text:
        # "Kathmandu, Nepal" or "Paris (TX), United States": the town stands before the comma.
        town = text.split(",")[0].partition("(")[0]
        found = Place.objects.search(town, country=country_code, limit=CHOICES)
    return found


def places_like(text: str, *, country: str = "") -> list[Place]:
    """Places whose name resembles the text: for "did you mean"."""
    folded = fold(text.split(",")[0])
    if len(folded) < _SAME_BEGINNING:
        return []
    names = PlaceName.objects.filter(folded__startswith=folded[:_SAME_BEGINNING])
    if country:
        names = names.filter(country=country)
    known: dict[str, int] = {}
    for name, place_id in names.order_by("-population").values_list("folded", "place_id")[
        :_CANDIDATES
    ]:
        known.setdefault(name, place_id)
    alike = difflib.get_close_matches(folded, list(known), n=CHOICES, cutoff=_ALIKE)
    wanted = list(dict.fromkeys(known[name] for name in alike))
    found = Place.objects.in_bulk(wanted)
    return [found[pk] for pk in wanted]


def named_place(text: str, *, preferred: Collection[str] = ()) -> tuple[Place | None, list[Place]]:
    """The place that a typed line means, or None, with those that it may mean, best first.

    "Paris, France" means the one there. Among several of the name, one alone in the preferred
    countries (ISO codes) is meant.
    """
    town, comma, last = text.rpartition(",")
    country = code_of_country(last) if comma else ""
    wanted = town if country else text
    found = find_places(wanted, country=country) or find_places(text, country=country)
    if not country and preferred:
        own = [one for code in preferred for one in find_places(wanted, country=code)]
        found = list(dict.fromkeys([*_best_first(wanted, own), *found]))
    named = [one for one in found if names_alone(text, one)] or _bearing(wanted, found)
    if len(named) != 1:
        named = [one for one in named if one.country in preferred] or named
    if len(named) == 1 or len(found) == 1:
        return (named or found)[0], []
    return None, (found or places_like(wanted, country=country))[:CHOICES]


def _best_first(text: str, places: list[Place]) -> list[Place]:
    bearing = {place.pk for place in _bearing(text, places)}
    return sorted(places, key=lambda place: (place.pk not in bearing, -place.population, place.pk))


def _bearing(text: str, places: list[Place]) -> list[Place]:
    """Those that bear the name in full, in any language, and not only as its beginning."""
    names = PlaceName.objects.filter(folded=fold(text), place__in=places)
    bearing = set(names.values_list("place_id", flat=True))
    return [place for place in places if place.pk in bearing]


def is_label_of(text: str, place: Place) -> bool:
    """Whether the text is what the search box writes for the place, or the place's own name."""
    return names_alone(text, place) or fold(text) in {fold(label_place(place)), fold(place.name)}


def names_alone(text: str, place: Place) -> bool:
    """Whether the text is the label that tells the place from its namesakes in one country."""
    return fold(text) == fold(f"{place.name} ({place.admin1}), {country_name(place.country)}")
