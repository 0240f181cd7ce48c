"""Turns what was typed into where a stay is: a place, a pin, or only a country."""

from __future__ import annotations

import difflib
import math
from typing import Any

from django.db.models import Q

from geography.areas import Area
from geography.cells import cell_of
from geography.countries import country_at, country_name
from geography.folding import fold
from geography.labels import label_place
from geography.models import Place, PlaceName
from registrations.enums import Precision

CHOICES = 8
_SAME_BEGINNING = 3
_CANDIDATES = 1500
_ALIKE = 0.75
_REACHES_KM = (20.0, 200.0)


def find_places(text: str, *, country: str = "") -> list[Place]:
    """Places of that name, best first; one alone when only it bears the name exactly."""
    country_code = country or None
    found = Place.objects.search(text, country=country_code, limit=CHOICES)
    if not found and "," in text:
        # "Kathmandu, Nepal": the town stands before the comma.
        found = Place.objects.search(text.split(",")[0], country=country_code, limit=CHOICES)
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


def is_label_of(text: str, place: Place) -> bool:
    """Whether the text is what the search box writes for the place, or the place's own name."""
    country = country_name(place.country)
    labels = (label_place(place), f"{place.name} ({place.admin1}), {country}", place.name)
    return fold(text) in {fold(label) for label in labels}


def at_place(place: Place) -> dict[str, Any]:
    return {
        "precision": Precision.PLACE.value,
        "place_id": place.pk,
        "cell": place.cell,
        "country": place.country,
        "admin1": place.admin1,
        "time_zone": place.time_zone,
    }


def at_pin(latitude: float, longitude: float) -> dict[str, Any]:
    """A pin keeps its cell alone; country and time zone are its own or the nearest town's."""
    near = nearest_place(latitude, longitude)
    country = country_at(latitude, longitude) or ""
    is_there = near is not None and near.country == country
    return {
        "precision": Precision.PIN.value,
        "cell": cell_of(latitude, longitude),
        "country": country,
        "admin1": near.admin1 if near and is_there else "",
        "time_zone": near.time_zone if near else _sea_time(longitude),
        "latitude": latitude,
        "longitude": longitude,
    }


def in_country(code: str) -> dict[str, Any]:
    """Somewhere in a country. Its most populous town tells the time."""
    zones = Place.objects.filter(country=code).order_by("-population", "pk")
    zone = zones.values_list("time_zone", flat=True).first()
    return {"precision": Precision.COUNTRY.value, "country": code, "time_zone": zone or "UTC"}


def nearest_place(latitude: float, longitude: float) -> Place | None:
    """The nearest town within 200 km, or None."""
    # A circle around the pole itself has no corners in degrees; nobody lives within a mile of it.
    centre = max(-89.98, min(89.98, latitude))
    for reach_km in _REACHES_KM:
        within = Q(pk__in=[])
        for low, high in Area.circle(centre, longitude, reach_km).cover.ranges:
            within |= Q(cell__range=(low, high))
        near = Place.objects.filter(within).order_by("pk")
        found = min(near, key=lambda place: _apart(place, latitude, longitude), default=None)
        if found is not None:
            return found
    return None


def _apart(place: Place, latitude: float, longitude: float) -> float:
    """Square of the distance in degrees of latitude: enough to tell which town is nearer."""
    east = (place.longitude - longitude + 180) % 360 - 180
    return (place.latitude - latitude) ** 2 + (east * math.cos(math.radians(latitude))) ** 2


def _sea_time(longitude: float) -> str:
    """The nautical time zone. The names of the Etc zones count the other way round."""
    hours = round(longitude / 15)
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"
