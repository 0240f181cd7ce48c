"""What a stay keeps of where it is: a place, a pin, or only a country."""

from __future__ import annotations

from typing import Any

from geography.cells import cell_of
from geography.countries import country_at
from geography.models import Place
from geography.nearby import nautical_zone, nearest_place
from geography.regions import NO_REGION, largest_towns
from registrations.enums import Precision


def at_place(place: Place) -> dict[str, Any]:
    return {
        "precision": Precision.PLACE.value,
        "place_id": place.pk,
        "cell": place.cell,
        "country": place.country,
        "admin1": place.admin1,
        "time_zone": place.time_zone,
    }


def in_region(place: Place) -> dict[str, Any]:
    """Somewhere in the region around a town; in its country where its region is not known."""
    if place.admin1 in NO_REGION:
        return {**in_country(place.country), "time_zone": place.time_zone}
    return {
        "precision": Precision.REGION.value,
        "country": place.country,
        "admin1": place.admin1,
        "time_zone": place.time_zone,
    }


def town_of_region(country: str, admin1: str) -> Place | None:
    """The most populous town of a region, which it is called after: regions have only codes."""
    return next(iter(largest_towns(f"{country}.{admin1}", 1)), None)


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
        "time_zone": near.time_zone if near else nautical_zone(longitude),
        "latitude": latitude,
        "longitude": longitude,
    }


def in_country(code: str) -> dict[str, Any]:
    """Somewhere in a country. Its most populous town tells the time."""
    zones = Place.objects.filter(country=code).order_by("-population", "pk")
    zone = zones.values_list("time_zone", flat=True).first()
    return {"precision": Precision.COUNTRY.value, "country": code, "time_zone": zone or "UTC"}
